//! Any bytes as a reply of the CRM API.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vccpipe::wire::wapi::checks;

fuzz_target!(|bytes: &[u8]| {
    if let Err(wrong) = checks::reply(bytes, 3) {
        panic!("{wrong}");
    }
});
