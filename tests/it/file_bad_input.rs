//! What is wrong with a load into files is named, and what readers have stays as it was.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use crate::{bad_input::SmallDisk, bench::Bench, file_loads::files_of};

fn bench(load: &str) -> Bench {
    let bench = Bench::without_tenant();
    bench.write_rows(0, 2_000);
    bench.write_file_pipeline(load);
    bench
}

#[track_caller]
fn complaint(bench: &Bench, code: i32) -> String {
    let told = bench.run().expect(code);
    let lines = told.stderr.lines().filter(|line| !line.starts_with("test-load: run"));
    bench.plain(&lines.map(|line| format!("{line}\n")).collect::<String>())
}

#[test]
fn a_target_that_is_something_else_is_refused() {
    let bench = bench("parquet: { path: out }");
    bench.write("out", "a file");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `[folder]/out` is a file, and a folder is wanted there
      hint: move the file away, or choose another folder
    ");
    fs::remove_file(bench.path("out")).unwrap();
    fs::create_dir(bench.path("out")).unwrap();
    bench.write("out/notes.txt", "mine");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `out` holds files that vccpipe did not write, such as `notes.txt`
      hint: name a folder of its own, or an empty one: readers would take all for one table
    ");
    assert_eq!(fs::read_to_string(bench.path("out/notes.txt")).unwrap(), "mine");
    fs::remove_file(bench.path("out/notes.txt")).unwrap();
    bench.run().expect(0);

    bench.write("out/mine.parquet", "mine");
    let told = bench.run().expect(0);
    assert!(told.stderr.contains("a file in `out` that vccpipe did not write"), "{}", told.stderr);
    assert_eq!(fs::read_to_string(bench.path("out/mine.parquet")).unwrap(), "mine");
    fs::remove_file(bench.path("out/mine.parquet")).unwrap();

    bench.mend("pipeline.yaml", "name: test-load", "name: other");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    other: run [run] begins
    error: `out` is written by the pipeline `test-load`
      hint: name another folder; if the pipeline was only renamed, correct `pipeline` in `_manifest.json`
    ");
    bench.write("out/_manifest.json", "{}");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    other: run [run] goes on
    error: `_manifest.json` of `out` is not one that this version writes: missing field `version` at line 1 column 2
      hint: put it back from a copy, or name another folder
    ");
}

#[test]
fn the_input_itself_is_not_written_over() {
    let bench = bench("csv: { path: ./input.csv }");
    let before = fs::read(bench.path("input.csv")).unwrap();
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `./input.csv` is the input itself
      hint: write to another file
    ");
    assert_eq!(fs::read(bench.path("input.csv")).unwrap(), before);
    fs::create_dir(bench.path("rows.csv")).unwrap();
    bench.mend("pipeline.yaml", "./input.csv", "rows.csv");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `rows.csv` is a folder, and a file is to be written there
      hint: name a file in it
    ");
}

#[test]
fn what_no_load_into_files_can_mean_is_told_with_its_place() {
    let bench = bench("parquet: { path: out, mode: upsert }");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    pipeline.yaml:14:20
      × `upsert` needs `key`: by which columns a row finds the one that it replaces
        ╭────
     13 │ load:
     14 │   parquet: { path: out, mode: upsert }
        ·                    ───
        ╰────
      help: for instance `key: [ACCOUNTNUM]`
    ");
    bench.write_file_pipeline("parquet: { path: out, key: [id], sort_by: [id, id] }");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    pipeline.yaml:14:31
      × `key` makes no sense with `mode: snapshot`
        ╭────
     13 │ load:
     14 │   parquet: { path: out, key: [id], sort_by: [id, id] }
        ·                               ──
        ╰────
      help: only `upsert` replaces single rows

    pipeline.yaml:14:50
      × `id` stands here twice
        ╭────
     13 │ load:
     14 │   parquet: { path: out, key: [id], sort_by: [id, id] }
        ·                                                  ──
        ╰────
      help: name each column once
    ");
    bench.write_file_pipeline("parquet: { path: out, partition_by: [dya] }");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    pipeline.yaml:14:40
      × `partition_by` demands a column `dya`
        ╭────
     13 │ load:
     14 │   parquet: { path: out, partition_by: [dya] }
        ·                                        ───
        ╰────
      help: did you mean `day`?
    ");
    bench.write_file_pipeline("parquet: { path: \"ftp://host/out\" }");
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `ftp://` is no kind of place that files can be written to
      hint: write a path, or an address that begins with `s3://`, `gs://` or `az://`
    ");
    assert!(!bench.path("out").exists());
}

#[test]
fn too_many_rejects_publish_nothing() {
    let bench = bench("parquet: { path: out, max_rejected: 3 }");
    bench.run().expect(0);
    let before = bench.table("out");
    bench.append("input.csv", &"x,,2026-01-01,1,\n".repeat(4));
    insta::assert_snapshot!(complaint(&bench, 1), @r"
    error: 4 records were rejected, and `max_rejected` is 3
      hint: look into `rejected.csv` of the run; nothing was published, and the same command begins anew after a larger `max_rejected`
    ");
    assert_eq!(bench.table("out"), before);
    bench.mend("pipeline.yaml", "max_rejected: 3", "max_rejected: 4");
    bench.run().expect(3);
    assert_eq!(bench.table("out").len(), 2_000);
}

#[test]
fn other_folders_or_a_file_that_is_gone_need_a_snapshot() {
    let bench = bench("parquet: { path: out, mode: upsert, key: [id] }");
    bench.run().expect(0);
    bench.write_file_pipeline(
        "parquet: { path: out, mode: upsert, key: [id], partition_by: [day] }",
    );
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `out` is partitioned by nothing, and the rows are to be by `day`
      hint: load everything once by `mode: snapshot`, or name another folder
    ");
    bench.write_file_pipeline("parquet: { path: out, mode: upsert, key: [id] }");
    fs::remove_file(bench.path("out/part-00000.parquet")).unwrap();
    insta::assert_snapshot!(complaint(&bench, 2), @r"
    error: `part-00000.parquet` of `out` is gone, and `_manifest.json` lists it
      hint: put it back from a copy, or load everything once by `mode: snapshot`
    ");
    bench.write_file_pipeline("parquet: { path: out, partition_by: [day] }");
    bench.run().expect(0);
    assert_eq!(bench.table("out").len(), 2_000);
}

#[test]
fn a_folder_that_may_not_be_written_is_named() {
    let bench = bench("parquet: { path: locked/out }");
    fs::create_dir(bench.path("locked")).unwrap();
    fs::set_permissions(bench.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(bench.path("locked/probe"), "").is_ok() {
        println!("SKIPPED: this user may write anywhere");
        return;
    }
    insta::assert_snapshot!(complaint(&bench, 2), @"");
}

#[test]
fn a_full_disk_leaves_readers_what_they_had_and_goes_on_once_there_is_room() {
    let bench = bench("parquet: { path: disk/out, sort_by: [amount], compression: none }");
    let Some(disk) = SmallDisk::mount(bench.path("disk"), "1m") else { return };
    bench.run().expect(0);
    let before = files_of(&bench.path("disk/out"));
    let old = bench.table("disk/out");
    bench.write_rows(0, 40_000);
    let said = complaint(&bench, 1);
    assert!(said.contains("no space left to write `"), "{said}");
    assert!(said.contains("free some space"), "{said}");
    assert_eq!(files_of(&bench.path("disk/out")), before);
    assert_eq!(bench.table("disk/out"), old);
    Command::new("mount").args(["-o", "remount,size=50m"]).arg(&disk.0).output().unwrap();
    bench.run().expect(0);
    assert_eq!(bench.table("disk/out").len(), 40_000);
    bench.write_file_pipeline("csv: { path: disk/rows.csv }");
    bench.run().expect(0);
    let whole = fs::read(bench.path("disk/rows.csv")).unwrap();
    fs::write(bench.path("disk/ballast"), vec![0; 60 << 20]).unwrap_err();
    bench.write_rows(10, 39_999);
    let said = complaint(&bench, 1);
    assert!(said.contains("no space left to write `"), "{said}");
    assert_eq!(fs::read(bench.path("disk/rows.csv")).unwrap(), whole);
}

#[test]
fn published_files_have_the_rights_of_the_umask_and_staged_ones_are_private() {
    let bench = bench("csv: { path: out/rows.csv }");
    let crashed = bench
        .command(&["run", "pipeline.yaml"])
        .env("VCCPIPE_FAILPOINT", "files-are-staged:1")
        .output()
        .unwrap();
    assert!(crashed.status.code().is_none(), "{crashed:?}");
    let mode = |name: &str| fs::metadata(bench.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("out/.vccpipe-staging-test-load"), 0o700);
    bench.write("probe", "");
    bench.run().expect(0);
    assert_eq!(mode("out/rows.csv"), mode("probe"));
}
