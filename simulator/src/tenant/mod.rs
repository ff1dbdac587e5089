//! The tenant: its credentials, customers and campaigns as the settings seed them.

pub(crate) mod crm;
mod customers;
pub(crate) mod phone;
pub(crate) mod settings;

use base64::{Engine, engine::general_purpose::STANDARD};

pub use customers::{Customers, FIRST_NUMBER};
pub use settings::{
    SAMPLE_ACTION_TOKEN, SAMPLE_API_KEY, SAMPLE_CUSTOMERS, SAMPLE_DATA_TOKEN, SAMPLE_TENANT,
    SAMPLE_WAPI_PASSWORD, SAMPLE_WAPI_USERNAME, TenantSettings,
};

/// What a client needs to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The username of Basic authentication.
    pub tenant: String,
    /// The Action Request Token, the password of calls that change something.
    pub action_token: String,
    /// The Data Request Token, the password of calls that read.
    pub data_token: String,
    /// The CRM API's username.
    pub wapi_username: String,
    /// The CRM API's password.
    pub wapi_password: String,
    /// The key for the CRM API's gateway.
    pub api_key: String,
}

/// Which of the two tokens of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Action,
    Data,
}

impl Token {
    pub(crate) fn other(self) -> Token {
        match self {
            Token::Action => Token::Data,
            Token::Data => Token::Action,
        }
    }
}

impl Credentials {
    /// Those of a tenant.
    pub fn of(settings: &TenantSettings) -> Self {
        Credentials {
            tenant: settings.name.clone(),
            action_token: settings.action_token.clone(),
            data_token: settings.data_token.clone(),
            wapi_username: settings.wapi_username.clone(),
            wapi_password: settings.wapi_password.clone(),
            api_key: settings.api_key.clone(),
        }
    }

    /// Whether an `Authorization` header is Basic with the tenant's name and this token.
    pub(crate) fn admits(&self, header: &str, token: Token) -> bool {
        let password = match token {
            Token::Action => &self.action_token,
            Token::Data => &self.data_token,
        };
        let Some((scheme, encoded)) = header.split_once(' ') else { return false };
        let decoded = STANDARD.decode(encoded.trim()).unwrap_or_default();
        scheme.eq_ignore_ascii_case("basic")
            && decoded == format!("{}:{password}", self.tenant).as_bytes()
    }
}

impl Default for Credentials {
    /// Those of the built-in tenant.
    fn default() -> Self {
        Credentials::of(&TenantSettings::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_token_of_the_right_tenant_is_admitted() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let credentials = Credentials::default();
        let right = header("sampletenant:data-token-of-the-sample-tenant");
        assert!(credentials.admits(&right, Token::Data));
        assert!(!credentials.admits(&right, Token::Action));
        assert!(!credentials.admits(&right.replace("Basic", "Bearer"), Token::Data));
        assert!(!credentials.admits(&header("other:data-token-of-the-sample-tenant"), Token::Data));
        assert!(!credentials.admits("Basic", Token::Data));
    }
}
