//! `vccpipe simulator`: the simulated tenant, alone or inside another command's process.

use std::path::{Path, PathBuf};

use tokio::runtime::Runtime;
use vccpipe_simulator::{Running, Settings};

use super::{
    args::{Global, SimulatorArgs},
    exit::Exit,
    report, runtime,
};
use crate::{
    connections::Connection,
    diagnostic::Report,
    ledger::{LedgerError, RunLock},
    secret::Secret,
    yaml,
};

/// A simulated tenant in this process.
pub struct Tenant {
    running: Running,
    /// Its folder belongs to one process at a time.
    _lock: Option<RunLock>,
}

impl Tenant {
    /// The connection that leads to it.
    pub fn connection(&self) -> Connection {
        let known = self.running.credentials();
        Connection::for_simulator(
            &self.running.base_url(),
            &known.tenant,
            Secret::new(known.action_token),
            Secret::new(known.data_token),
        )
        .with_wapi(&known.wapi_username, Secret::new(known.wapi_password))
    }
}

/// Serves until interrupted.
pub fn simulator(global: &Global, args: &SimulatorArgs) -> Exit {
    let _log = super::log::start(global);
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(exit) => return exit,
    };
    let served = settings(args.config.as_deref()).and_then(|mut settings| {
        let tenant = &mut settings.tenant;
        for (asked, holds) in [
            (args.customers, &mut tenant.customers),
            (args.cases, &mut tenant.crm.cases),
            (args.followups, &mut tenant.crm.followups),
            (args.tasks, &mut tenant.crm.tasks),
        ] {
            *holds = asked.unwrap_or(*holds);
        }
        serve(&runtime, settings, args.keep.clone(), args.port)
    });
    let tenant = match served {
        Ok(tenant) => tenant,
        Err(message) => {
            eprintln!("{message}");
            return Exit::Usage;
        }
    };
    // Scripts read the address; they get it at once.
    say!("{}", tenant.running.base_url());
    eprintln!(
        "simulated tenant `{}` on {}; Ctrl-C ends it",
        tenant.running.credentials().tenant,
        tenant.running.base_url()
    );
    runtime.block_on(super::run::next_signal());
    runtime.block_on(tenant.running.stop());
    Exit::Success
}

/// Starts the tenant inside this process; what happens to it is kept in `keep`.
pub fn start(
    runtime: &Runtime,
    config: Option<&Path>,
    keep: Option<PathBuf>,
) -> Result<Tenant, String> {
    settings(config).and_then(|settings| serve(runtime, settings, keep, 0))
}

fn serve(
    runtime: &Runtime,
    settings: Settings,
    keep: Option<PathBuf>,
    port: u16,
) -> Result<Tenant, String> {
    let lock = keep.as_deref().map(lock).transpose()?;
    let running =
        runtime.block_on(vccpipe_simulator::start(settings, keep, port)).map_err(|error| {
            report::error(&error, Some("see `vccpipe simulator --help` for its options"))
        })?;
    Ok(Tenant { running, _lock: lock })
}

fn lock(folder: &Path) -> Result<RunLock, String> {
    crate::files::private_dir(folder)
        .map_err(|error| report::error(&error, Some(&error.hint())))?;
    RunLock::take(&folder.join("lock"), "simulator").map_err(|error| match &error {
        LedgerError::Locked { holder, .. } => {
            let holder = holder.as_ref().map_or(String::new(), |id| format!(" (process {id})"));
            format!(
                "error: the simulated tenant in `{}` is in use by another process{holder}\n  hint: \
                 wait until it has ended, or keep the tenant in another folder: `--state-dir`, or \
                 `--keep` of `vccpipe simulator`",
                folder.display()
            )
        }
        _ => report::error(&error, Some(&error.hint())),
    })
}

fn settings(config: Option<&Path>) -> Result<Settings, String> {
    let Some(path) = config else { return Ok(Settings::default()) };
    let text = std::fs::read_to_string(path).map_err(|error| {
        let hint = "give a YAML file; docs/simulator.example.yaml shows one";
        format!("error: `{}` cannot be read: {error}\n  hint: {hint}", path.display())
    })?;
    let yaml::Parsed { root, diagnostics, .. } = yaml::parse(&text);
    let complaints = match root {
        Some(root) if diagnostics.is_empty() => match yaml::decode(&root, &text) {
            Ok(settings) => return Ok(settings),
            Err(complaint) => vec![complaint],
        },
        _ => diagnostics,
    };
    Err(Report::new(path.display().to_string(), text, complaints).render(false))
}
