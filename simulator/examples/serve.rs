//! Serves a simulated tenant until it is stopped.
//!
//! ```console
//! $ cargo run -p vccpipe-simulator --example serve -- 8085 '{"tenant": {"customers": 5000000}}' FOLDER
//! ```
//!
//! The settings are JSON; the tenant is kept in the folder, if one is given.

use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let settings = arguments.next().map_or(Ok(Default::default()), |s| serde_json::from_str(&s))?;
    let keep_in = arguments.next().map(Into::into);
    let simulator = vccpipe_simulator::start(settings, keep_in, port).await?;
    println!("{} {:?}", simulator.base_url(), simulator.credentials());
    tokio::signal::ctrl_c().await?;
    simulator.stop().await;
    Ok(())
}
