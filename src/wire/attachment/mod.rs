//! Replies of the attachments API (ccm-attachments-api.txt): what their names mean, and whether one
//! is a file or a ZIP of several. "Nothing beyond the document is known" (field-notes, Attachments),
//! so names are taken in every way in which servers write them.

mod form;
mod names;
mod safe;

pub use form::{Form, Told};
pub use names::{from_disposition, from_zip};
pub use safe::{Taken, safe_name};
