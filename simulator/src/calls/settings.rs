//! How the phone calls API reads its document: each ambiguity is a switch, the default is strict.

use serde::{Deserialize, Serialize};

/// Switches of the phone calls API, and how long calls take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallsSettings {
    /// The version part of the path (PHONE_VERSION).
    pub version: CallsVersion,
    /// `extTransationData` is taken for `extTransactionData` (PHONE_TYPO).
    pub typo_lenient: bool,
    /// `callerId` and `prefix` may be missing (PHONE_CALLERID).
    pub caller_id_lenient: bool,
    /// What ends post-processing (PHONE_END_POST).
    pub end_post_processing: EndPostProcessing,
    /// Selections are read also as three of the samples print them, with an array that is not
    /// closed (PHONE_JSON).
    pub json_lenient: bool,
    /// The key of the new call's id in the reply.
    pub call_id_key: CallIdKey,
    /// How it is answered that there is no call of which to free a line.
    pub nothing_to_free: NothingToFree,
    /// The body of a refusal.
    pub refusal_body: RefusalBody,
    /// Milliseconds after which a call ends by itself; `null`: it lasts until it is ended.
    pub lasts_ms: Option<u64>,
    /// Milliseconds after which the post-processing of a call with a queue ends by itself, once
    /// codes of all mandatory lists are set; `null`: it lasts until it is ended.
    pub post_processing_ms: Option<u64>,
}

/// The version part of the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallsVersion {
    /// `/api/v1/`, as in the sample request.
    #[default]
    V1,
    /// `/api/vv1/`: `v{version}` with the printed example `v1`.
    Vv1,
    /// Either.
    Any,
}

/// What ends post-processing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndPostProcessing {
    /// `endPostProcessing` that is empty or `true`; `false` does not.
    #[default]
    Value,
    /// `endPostProcessing`, whatever its value.
    Present,
}

/// The key of the new call's id in the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallIdKey {
    /// `interactionGuid`, as in the guide.
    #[default]
    InteractionGuid,
    /// `id`, as in the API description.
    Id,
}

/// How it is answered that there is nothing to free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NothingToFree {
    /// 410.
    #[default]
    Gone,
    /// 400.
    BadRequest,
}

/// The body of a refusal (field-notes.md: it "may be anything or nothing").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalBody {
    /// `{"reasons": [..], "message": ".."}`
    #[default]
    Reasons,
    /// Nothing.
    Empty,
    /// A page of a proxy.
    Html,
}
