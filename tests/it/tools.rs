//! The commands around a load: a folder to begin in, a guess, a preview, a plan, the runs so far.

use std::fs;

use crate::bench::{Bench, csv_of, customers, settings};

/// A folder as `vccpipe init` makes it.
fn started() -> Bench {
    let bench = Bench::without_tenant();
    bench.vccpipe(&["init"]).expect(0);
    bench
}

#[test]
fn init_makes_a_folder_whose_first_pipeline_runs_and_overwrites_nothing() {
    let bench = Bench::without_tenant();
    bench.write(".gitignore", "mine\n");
    let told = bench.vccpipe(&["init"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @"");
    assert_eq!(fs::read_to_string(bench.path(".gitignore")).unwrap(), "mine\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(bench.path("connections.yaml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    bench.vccpipe(&["check", "pipelines/first_load.yaml"]).expect(0);
    let told = bench.vccpipe(&["run", "pipelines/first_load.yaml"]).expect(3);
    assert!(told.stdout.contains("loaded                  3"), "{}", told.stdout);
    let again = bench.vccpipe(&["init"]).expect(0);
    assert!(!again.stdout.contains("made in"), "{}", again.stdout);
}

#[test]
fn the_connections_file_of_init_is_one_that_the_program_takes() {
    let bench = started();
    let mut command = bench.command(&["plan", "pipelines/first_load.yaml", "--connection", "acme"]);
    command.env("VCC_WAPI_USERNAME", "user").env("VCC_WAPI_PASSWORD", "secret1");
    command.env("VCC_ACTION_TOKEN", "a").env("VCC_DATA_TOKEN", "d");
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("per_second: 5, burst: 5"), "{told}");
    assert!(!told.contains("secret1"), "{told}");
}

#[test]
fn a_guess_of_every_target_passes_check() {
    let bench = started();
    bench.write("odd.csv", "\"a: b\",\"c #d\",\"${x}\",\"it's \"\"q\"\"\",null\n1,2,3,4,5\n");
    bench.write("one.csv", "customer_id\n1001\n1002\n");
    let objects = ["customer", "case", "followup", "task", "faq-category", "faq"];
    let actions = ["add", "modify", "upsert"];
    let mut targets: Vec<String> = vec!["campaign".into(), "campaign:125".into()];
    for object in objects {
        for action in actions.iter().filter(|action| object != "followup" || **action == "add") {
            targets.push(format!("wapi:{object}:{action}"));
        }
    }
    for input in ["odd.csv", "one.csv", "samples/salesforce_contacts.csv"] {
        for target in &targets {
            let _ = fs::remove_file(bench.path("guessed.yaml"));
            let args = ["guess", input, "--to", target, "--out", "guessed.yaml"];
            bench.vccpipe(&args).expect(0);
            let told = bench.vccpipe(&["check", "guessed.yaml"]);
            let text = fs::read_to_string(bench.path("guessed.yaml")).unwrap();
            assert_eq!(told.code, Some(0), "{input} {target}\n{}\n{text}", told.stderr);
        }
    }
}

#[test]
fn a_guess_overwrites_nothing_and_says_what_it_does_not_know() {
    let bench = started();
    let target = |target: &str, out: &str| {
        let args = ["guess", "samples/first_customers.csv", "--to", target, "--out", out];
        bench.plain(&bench.vccpipe(&args).expect(2).stderr)
    };
    insta::assert_snapshot!(target("wapi:customer:add", "connections.yaml"), @"");
    insta::assert_snapshot!(target("wapi:custmer:add", "new.yaml"), @"");
    insta::assert_snapshot!(target("wapi:customer:delete", "new.yaml"), @"");
    insta::assert_snapshot!(target("wapi:customer:add", "no/such/new.yaml"), @"");
    let missing = bench.vccpipe(&["guess", "no.csv", "--to", "campaign"]).expect(2);
    insta::assert_snapshot!(bench.plain(&missing.stderr), @"");
}

#[test]
fn a_preview_shows_rows_after_each_step_and_what_would_be_rejected() {
    let bench = started();
    let told = bench.vccpipe(&["preview", "pipelines/first_load.yaml", "-n", "3"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @"");
    assert_eq!(told.stderr, "");
    assert!(!bench.path(".vccpipe").exists(), "a preview leaves nothing behind");
}

#[test]
fn a_preview_needs_no_connection_that_works() {
    let bench = started();
    let args = ["preview", "pipelines/first_load.yaml", "-n", "1", "--connection", "acme"];
    let told = bench.vccpipe(&args).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stderr), @"");
}

#[test]
fn a_plan_tells_rejects_collisions_and_time_and_sends_nothing() {
    let bench = Bench::new(settings(12_000));
    let some = customers(30);
    bench.write("input.csv", &csv_of(&some));
    bench.append(
        "input.csv",
        &format!(
            "abc,\n-,\nx1,\ny2,tomorrow\n{},\n{},2020-01-01T00:00:00Z\n",
            some[3],
            some[4] + 1
        ),
    );
    bench.write_pipeline(10);
    bench.mend(
        "connections.yaml",
        "campaigns: { per_second: unlimited, concurrency: 4 }",
        "campaigns: { per_second: 2, burst: 1, concurrency: 1 }",
    );
    let told = bench.vccpipe(&["plan", "pipeline.yaml", "--out", "plan.json"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @"");
    assert_eq!(bench.posts(), 0, "a plan sends nothing");
    let plan: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(bench.path("plan.json")).unwrap()).unwrap();
    assert_eq!(
        (&plan["read"], &plan["to_send"], &plan["rejected"]),
        (&36.into(), &30.into(), &6.into())
    );
    assert_eq!(plan["collisions"]["examples"][0]["line"], 36);
    assert_eq!(plan["requests"]["sending"], 3);
}

#[test]
fn a_plan_is_run_only_while_it_is_of_what_is_there() {
    let bench = Bench::new(settings(12_000));
    let some = customers(30);
    bench.write("input.csv", &csv_of(&some));
    bench.write_pipeline(10);
    let plan = || bench.vccpipe(&["plan", "pipeline.yaml", "--out", "plan.json"]).expect(0);
    let run = || bench.vccpipe(&["run", "pipeline.yaml", "--plan", "plan.json"]);
    plan();
    bench.append("input.csv", &format!("{},\n", some[29] + 1));
    insta::assert_snapshot!(bench.plain(&run().expect(2).stderr), @"");
    plan();
    bench.mend("pipeline.yaml", "batch_size: 10", "batch_size: 11");
    insta::assert_snapshot!(bench.plain(&run().expect(2).stderr), @"");
    bench.mend("pipeline.yaml", "batch_size: 11", "batch_size: 10   # as it was");
    assert_eq!(bench.truth().len(), 0, "nothing was sent so far");
    run().expect(0);
    assert_eq!(bench.truth().len(), 31);
    bench.write("plan.json", "{}");
    insta::assert_snapshot!(bench.plain(&run().expect(2).stderr), @"");
    let two = bench.vccpipe(&["run", "pipeline.yaml", "pipeline.yaml", "--plan", "plan.json"]);
    insta::assert_snapshot!(bench.plain(&two.expect(2).stderr), @"");
}

#[test]
fn a_plan_tells_what_a_resume_would_still_send() {
    let bench = Bench::new(settings(12_000));
    bench.write("input.csv", &csv_of(&customers(30)));
    bench.write_pipeline(10);
    bench.vccpipe(&["run", "pipeline.yaml", "--limit", "12"]).expect(0);
    let next = |args: &[&str]| {
        let told = bench.vccpipe(&[&["plan", "pipeline.yaml"], args].concat()).expect(0);
        let line = told.stdout.lines().find(|line| line.starts_with("the next run"));
        bench.plain(line.unwrap_or_default())
    };
    insta::assert_snapshot!(next(&[]), @"");
    bench.run().expect(0);
    insta::assert_snapshot!(next(&[]), @"");
}

#[test]
fn status_shows_the_runs_newest_first_and_what_is_to_be_done() {
    let bench = Bench::new(settings(12_000));
    let told = bench.vccpipe(&["status"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @"");
    let some = customers(12);
    bench.write("input.csv", &csv_of(&some));
    bench.append("input.csv", "abc,\n99999999,\n");
    bench.write_pipeline(10);
    bench.vccpipe(&["run", "pipeline.yaml", "--limit", "5"]).expect(0);
    bench.run().expect(3);
    let told = bench.vccpipe(&["status"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @"");
    let json = bench.vccpipe(&["status", "test-load", "--format", "json"]).expect(0);
    let runs: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&runs[0]["loaded"], &runs[1]["loaded"]), (&7.into(), &5.into()));
    assert_eq!((&runs[0]["rejected"], &runs[0]["refused"]), (&1.into(), &1.into()));
    let told = bench.vccpipe(&["status", "test-laod"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @"");
}

#[test]
fn every_command_has_help_with_an_example_a_page_and_completions() {
    let bench = Bench::without_tenant();
    let help = bench.vccpipe(&["--help"]).expect(0).stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let names: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.len() >= 12, "{names:?}");
    let bash = bench.vccpipe(&["completions", "bash"]).expect(0).stdout;
    for name in names {
        let help = bench.vccpipe(&[name, "--help"]).expect(0).stdout;
        let example = format!("Example:\n  vccpipe {name}");
        assert!(help.contains(&example), "`vccpipe {name} --help` shows no example:\n{help}");
        let page = bench.vccpipe(&["man", name]).expect(0).stdout;
        assert!(page.contains(&format!("vccpipe\\-{name}")), "{page}");
        assert!(bash.contains(name), "{name} is not completed");
    }
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(bench.vccpipe(&["completions", shell]).expect(0).stdout.contains("vccpipe"));
    }
    bench.vccpipe(&["man", "--dir", "man1"]).expect(0);
    assert!(bench.path("man1/vccpipe.1").is_file() && bench.path("man1/vccpipe-run.1").is_file());
    let told = bench.vccpipe(&["man", "rnu"]).expect(2);
    insta::assert_snapshot!(told.stderr, @"");
}
