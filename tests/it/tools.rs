//! The commands around a load: a folder to begin in, a guess, a preview, a plan, the runs so far.

use std::fs;

use crate::bench::{Bench, Told, csv_of, customers, settings};

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
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    made in .:
      pipelines/first_load.yaml        a first pipeline, for the built-in simulated tenant
      samples/first_customers.csv      its input
      samples/salesforce_contacts.csv  contacts as Salesforce exports them, to try `guess` on
      connections.yaml                 your tenant, once you have filled it in; only you can read it
      pipeline.schema.json             for editors that complete pipeline files
      connections.schema.json          for editors that complete connections files
    there already, and left as it is:
      .gitignore
    next:
      vccpipe preview pipelines/first_load.yaml
      vccpipe run pipelines/first_load.yaml
      vccpipe guess samples/salesforce_contacts.csv --to wapi:customer:add --out pipelines/contacts.yaml
    ");
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
    let mut targets: Vec<String> = vec!["campaign".into(), "campaign:125".into(), "calls".into()];
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
    insta::assert_snapshot!(target("wapi:customer:add", "connections.yaml"), @r"
    error: `connections.yaml` is there already, and is not overwritten
      hint: give another name with `--out`, or remove it first
    ");
    insta::assert_snapshot!(target("wapi:custmer:add", "new.yaml"), @r"
    error: the CRM has no object `custmer`
      hint: did you mean `customer`?
    ");
    insta::assert_snapshot!(target("wapi:customer:delete", "new.yaml"), @r"
    error: no pipeline that deletes is guessed
      hint: write it by hand: what is deleted cannot be brought back
    ");
    insta::assert_snapshot!(target("wapi:customer:add", "no/such/new.yaml"), @r"
    error: `no/such/new.yaml` cannot be written: No such file or directory (os error 2)
      hint: make its folder first, or give another name by `--out`
    ");
    let missing = bench.vccpipe(&["guess", "no.csv", "--to", "campaign"]).expect(2);
    insta::assert_snapshot!(bench.plain(&missing.stderr), @r"
    error: there is no file `no.csv`
      hint: check the path; relative paths are relative to the working directory
    ");
}

#[test]
fn a_preview_shows_rows_after_each_step_and_what_would_be_rejected() {
    let bench = started();
    let told = bench.vccpipe(&["preview", "pipelines/first_load.yaml", "-n", "3"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    first-load: all 7 rows were looked at; nothing was sent

    as read: 7 rows
     line   first name   last name   e-mail                        phone              city            active
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────
     2      Anna         Müller      anna.mueller@first.example…   +49 351 555 0123   Dresden         yes
     3      Bob          O'Brien     Bob.OBrien@first.example.c…   (415) 555-0134     San Francisco   yes
     4      Zoë          Nowak       zoe@first.example.com                            Łódź

    after step 1, filter: 6 rows, 1 skipped
     line   first name   last name   e-mail                        phone              city            active
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────
     2      Anna         Müller      anna.mueller@first.example…   +49 351 555 0123   Dresden         yes
     3      Bob          O'Brien     Bob.OBrien@first.example.c…   (415) 555-0134     San Francisco   yes
     4      Zoë          Nowak       zoe@first.example.com                            Łódź
      skipped line 5: filter: coalesce(active, 'yes') <> 'no'

    after step 2, map: 6 rows
     line   FIRSTNAME +   LASTNAME +   EMAIL +                       VOICE +        ADDR1CITY +     AUTOPASSWD +
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
     2      Anna          Müller       anna.mueller@first.example…   493515550123   Dresden         True
     3      Bob           O'Brien      bob.obrien@first.example.c…   4155550134     San Francisco   True
     4      Zoë           Nowak        zoe@first.example.com                        Łódź            True

    after the rules of the target, to be sent: 3 rows, 3 rejected
     line   FIRSTNAME   LASTNAME   EMAIL                         VOICE          ADDR1CITY       AUTOPASSWD
    ───────────────────────────────────────────────────────────────────────────────────────────────────────
     2      Anna        Müller     anna.mueller@first.example…   493515550123   Dresden         True
     3      Bob         O'Brien    bob.obrien@first.example.c…   4155550134     San Francisco   True
     4      Zoë         Nowak      zoe@first.example.com                        Łódź            True
      rejected line 6: LASTNAME: missing (mandatory, wapi-crm-api: Add Customer)
      rejected line 7: EMAIL: the character `(` (`emil(at)first.example.com`, allowed are [A-Za-z0-9._@-], wapi-crm-api: Add Customer)
      rejected line 8: EMAIL: given twice in the input (`anna.mueller@first.example.com`, first on line 2)

    + made by the step, * changed by it; at most 3 rows are shown
    ");
    assert_eq!(told.stderr, "");
    assert!(!bench.path(".vccpipe").exists(), "a preview leaves nothing behind");
}

#[test]
fn a_preview_needs_no_connection_that_works() {
    let bench = started();
    let args = ["preview", "pipelines/first_load.yaml", "-n", "1", "--connection", "acme"];
    let told = bench.vccpipe(&args).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stderr), @"note: the connection `acme` cannot be used yet; the preview needs none");
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
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    test-load: plan, nothing was sent
      read                   36
      to send                30
      rejected                6
      skipped                 0
      requests                3   of up to 10 records, and 1 before them
    rejected, by rule:
              4  customer-id: not a whole number
                 line 32: customer-id: not a whole number (`abc`, digits only, campaign-records-api: Customer Record)
                 line 33: customer-id: not a whole number (`-`, digits only, campaign-records-api: Customer Record)
                 line 34: customer-id: not a whole number (`x1`, digits only, campaign-records-api: Customer Record)
              1  customer-id: given twice in the input
                 line 36: customer-id: given twice in the input (`10000003`, first on line 5)
              1  schedule-date-time: in the past
                 line 37: schedule-date-time: in the past (`[moment]`, now is [moment], campaign-records-api: Customer Record)
              1  schedule-date-time: not an ISO 8601 date and time with a zone
                 line 35: schedule-date-time: not an ISO 8601 date and time with a zone (`tomorrow`, e.g. [moment], campaign-records-api: Customer Record)
    keys that stand twice: 1 row
                 line 36: the key of line 5 (customer-id = 10000003)
    least time, under each limit of the connection:
              1.5 s  per_second: 2, burst: 1   this one binds
              0.8 s  concurrency: 1   assuming 200 ms for an answer
    the next run: begins with the first row and sends 30 records
    the plan is in plan.json; `vccpipe run pipeline.yaml --plan plan.json` runs it
    ");
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
    let some = customers(31);
    bench.write("input.csv", &csv_of(&some[..30]));
    bench.write_pipeline(10);
    let plan = || bench.vccpipe(&["plan", "pipeline.yaml", "--out", "plan.json"]).expect(0);
    let run = || bench.vccpipe(&["run", "pipeline.yaml", "--plan", "plan.json"]);
    plan();
    bench.append("input.csv", &format!("{},\n", some[30]));
    insta::assert_snapshot!(bench.plain(&run().expect(2).stderr), @r"
    error: the plan `plan.json` is not of what is there now: `input.csv` has grown
      hint: put back what changed, or make the plan anew with `vccpipe plan FILE --out plan.json` and look at it; nothing was sent
    ");
    plan();
    bench.mend("pipeline.yaml", "batch_size: 10", "batch_size: 11");
    insta::assert_snapshot!(bench.plain(&run().expect(2).stderr), @r"
    error: the plan `plan.json` is not of what is there now: `load` of the pipeline has changed
      hint: put back what changed, or make the plan anew with `vccpipe plan FILE --out plan.json` and look at it; nothing was sent
    ");
    bench.mend("pipeline.yaml", "batch_size: 11", "batch_size: 10");
    bench.mend("pipeline.yaml", "version: 1", "# a comment changes nothing\nversion: 1");
    assert_eq!(bench.truth().len(), 0, "nothing was sent so far");
    run().expect(0);
    assert_eq!(bench.truth().len(), 31);
    bench.write("plan.json", "{}");
    insta::assert_snapshot!(bench.plain(&run().expect(2).stderr), @r"
    error: `plan.json` is no plan: it is not what `vccpipe plan --out` writes: missing field `format` at line 1 column 2
      hint: make one with `vccpipe plan FILE --out plan.json`
    ");
    let two = bench.vccpipe(&["run", "pipeline.yaml", "pipeline.yaml", "--plan", "plan.json"]);
    insta::assert_snapshot!(bench.plain(&two.expect(2).stderr), @r"
    error: a plan is of one pipeline, and 2 files are given
      hint: run them one by one
    ");
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
    insta::assert_snapshot!(next(&[]), @"the next run: begins where run [run] ended and sends 18 records");
    bench.run().expect(0);
    insta::assert_snapshot!(next(&[]), @"the next run: sends nothing, because run [run] has loaded this input to its end (`--again` would send it again)");
}

#[test]
fn a_plan_of_an_interrupted_run_tells_what_is_left_or_why_it_cannot_go_on() {
    let mut settings = settings(12_000);
    settings.latency_ms.insert(vccpipe_simulator::Api::Campaigns, 40);
    let bench = Bench::new(settings);
    bench.write("input.csv", &csv_of(&customers(300)));
    bench.write_pipeline(5);
    let child = bench.run_until_posts(3);
    // SAFETY: the process is a child of this one, and has not been waited for.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let told = Told::of(child.wait_with_output().unwrap()).expect(130);
    let loaded = bench.truth().len() as u64;
    assert!((1..300).contains(&loaded), "{loaded}\n{}", told.stdout);
    let plan = || {
        let told = bench.vccpipe(&["plan", "pipeline.yaml", "--out", "plan.json"]).expect(0);
        let text = fs::read_to_string(bench.path("plan.json")).unwrap();
        (told.stdout, serde_json::from_str::<serde_json::Value>(&text).unwrap())
    };
    let (_, going_on) = plan();
    assert_eq!(going_on["next_run"]["does"], "go_on");
    assert_eq!(going_on["next_run"]["sends"], 300 - loaded);
    let told = bench.vccpipe(&["status"]).expect(0).stdout;
    assert!(told.contains("is not finished; the same `vccpipe run` command goes on"), "{told}");
    bench.mend("pipeline.yaml", "customer-id: account", "customer-id: trim(account)");
    let (told, refused) = plan();
    assert_eq!(refused["next_run"]["does"], "refuse");
    assert!(
        told.contains("the steps of `transform` have changed (`--fresh` gives it up)"),
        "{told}"
    );
}

#[test]
fn status_shows_the_runs_newest_first_and_what_is_to_be_done() {
    let bench = Bench::new(settings(12_000));
    let told = bench.vccpipe(&["status"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @"no runs yet in .vccpipe");
    let some = customers(12);
    bench.write("input.csv", &csv_of(&some));
    bench.append("input.csv", "abc,\n99999999,\n");
    bench.write_pipeline(10);
    bench.vccpipe(&["run", "pipeline.yaml", "--limit", "5"]).expect(0);
    bench.run().expect(3);
    let told = bench.vccpipe(&["status"]).expect(0);
    insta::assert_snapshot!(bench.plain(&told.stdout), @r"
    pipeline   run                   status    read  loaded  rejected  refused  skipped  in doubt  pending
    test-load  [run]  finished     9       7         1        1        0         0        0
    test-load  [run]  finished     5       5         0        0        0         0        0
    test-load: 1 row is in .vccpipe/runs/test-load/[run]/rejected.csv, each with its reason; mend the file in place and run it by `--input`
    test-load: 1 row is in .vccpipe/runs/test-load/[run]/refused.csv, each with its reason; mend the file in place and run it by `--input`
    ");
    let json = bench.vccpipe(&["status", "test-load", "--format", "json"]).expect(0);
    let runs: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&runs[0]["loaded"], &runs[1]["loaded"]), (&7.into(), &5.into()));
    assert_eq!((&runs[0]["rejected"], &runs[0]["refused"]), (&1.into(), &1.into()));
    let told = bench.vccpipe(&["status", "test-laod"]).expect(2);
    insta::assert_snapshot!(bench.plain(&told.stderr), @r"
    error: no pipeline `test-laod` has run in .vccpipe
      hint: did you mean `test-load`?
    ");
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
    insta::assert_snapshot!(told.stderr, @r"
    error: there is no command `rnu`
      hint: `vccpipe --help` lists the commands
    ");
}
