//! A simulated tenant, asked over one connection, and what the program would know of it.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use vccpipe::{
    clock::Dice,
    crm::Object,
    http::{ApiKey, ApiLimits, Auth, Backoff, Client, ClientOptions, Limit},
    rules::TenantValues,
    secret::Secret,
    tenant::{Access, Crm},
    wire::wapi::{
        Command, Entrance, GATEWAY_PATH, GATEWAY_TYPE, Limits, Reply, Style, decode, encode,
    },
};
use vccpipe_simulator::{CustomFieldDefinition, CustomFieldObject, CustomFieldType, Settings};

use crate::bench::{Bench, settings, text};

/// Tags with their values, in the order in which they are sent.
pub type Tags = Vec<(String, String)>;

/// A tenant with a few records of each object, and custom fields for follow-ups, too.
pub struct Tenant {
    bench: Bench,
    pub settings: Settings,
    connection: RefCell<Option<BufReader<TcpStream>>>,
    made: Cell<u64>,
}

impl Tenant {
    pub fn new() -> Self {
        let mut settings = settings(40);
        let crm = &mut settings.tenant.crm;
        (crm.cases, crm.followups, crm.tasks, crm.faqs) = (20, 20, 20, 10);
        let of_followup = |name: &str, kind, values: &[&str]| CustomFieldDefinition {
            object: CustomFieldObject::Followup,
            name: name.into(),
            kind,
            max_chars: Some(20),
            unique: false,
            deleted: false,
            values: values.iter().map(|value| (*value).into()).collect(),
            deactivated: Vec::new(),
        };
        crm.custom_fields.push(of_followup("followup_text", CustomFieldType::Text, &[]));
        crm.custom_fields.push(of_followup(
            "followup_list",
            CustomFieldType::Picklist,
            &["a", "b"],
        ));
        Self::with(settings)
    }

    pub fn with(settings: Settings) -> Self {
        let bench = Bench::new(settings.clone());
        Tenant { bench, settings, connection: RefCell::default(), made: Cell::new(0) }
    }

    /// What a command is answered, the values written as they are: by hand, so that also those
    /// arrive that the program would not send.
    pub fn asked(&self, object: Object, action: &str, tags: &Tags) -> Reply {
        self.post(command(object.name(), action, tags).as_bytes())
    }

    /// What a command is answered as the program writes it.
    pub fn sent(&self, object: Object, action: &str, tags: &Tags) -> Reply {
        let mut body = Vec::new();
        let tags = tags.iter().map(|(tag, value)| (tag.as_str(), value.as_str()));
        let command = Command { object: object.name(), action, tags };
        encode(command, Entrance::Gateway, Style::default(), &mut body).unwrap();
        self.post(&body)
    }

    /// What the gateway answers to a body.
    pub fn post(&self, body: &[u8]) -> Reply {
        decode(&self.exchange(body), &Limits::default()).unwrap()
    }

    fn exchange(&self, body: &[u8]) -> Vec<u8> {
        let known = self.bench.tenant().credentials();
        let head = format!(
            "POST {GATEWAY_PATH} HTTP/1.1\r\nHost: localhost\r\nX-8x8-Tenant: {}\r\n\
             x-api-key: {}\r\nContent-Type: {GATEWAY_TYPE}\r\nContent-Length: {}\r\n\r\n",
            known.tenant,
            known.api_key,
            body.len()
        );
        let mut held = self.connection.borrow_mut();
        let connection = held.get_or_insert_with(|| {
            let stream = TcpStream::connect(self.bench.tenant().address()).unwrap();
            stream.set_nodelay(true).unwrap();
            BufReader::new(stream)
        });
        connection.get_mut().write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut length = None;
        loop {
            let mut line = String::new();
            connection.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some(("content-length", bytes)) => length = bytes.parse().ok(),
                Some(_) => {}
                None if line.starts_with("HTTP/1.1 200") => {}
                None if line == "\r\n" => break,
                None => panic!("{line}"),
            }
        }
        let mut reply = vec![0; length.unwrap()];
        connection.read_exact(&mut reply).unwrap();
        reply
    }

    /// The number of a new record, and the tags that name it.
    pub fn record(&self, object: Object, tags: Tags) -> Tags {
        let within = tags.iter().filter(|(tag, _)| object.key().contains(&tag.as_str()));
        let mut key: Tags = within.cloned().collect();
        let reply = self.asked(object, "ADD", &tags);
        let own = object.key().last().unwrap();
        let number = reply.value(own).unwrap_or_else(|| panic!("{object} {tags:?}: {reply:?}"));
        key.push(((*own).to_owned(), number.trim().to_owned()));
        key
    }

    /// The records of an object, by the tags that hold text.
    pub fn records(&self, object: &str) -> Vec<BTreeMap<String, String>> {
        let records = self.bench.records(object).into_iter();
        let texts = records.map(|record| {
            let texts = record.keys().map(|tag| (tag.clone(), text(&record, tag).to_owned()));
            texts.collect()
        });
        texts.collect()
    }

    /// A number that no other record of this test was given.
    pub fn next(&self) -> u64 {
        self.made.set(self.made.get() + 1);
        self.made.get()
    }

    /// The values that the tenant tells the program of these lists.
    pub fn told(&self, wanted: &[(String, TenantValues)]) -> BTreeMap<String, Vec<String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (crm, dice) = (self.crm(), Dice::seeded(1));
            let mut told = BTreeMap::new();
            for (tag, what) in wanted {
                let values = crm.values(tag, *what, &dice).await.unwrap();
                told.extend(values.map(|values| (tag.clone(), values)));
            }
            told
        })
    }

    /// The tenant's CRM as a connection of the program enters it.
    fn crm(&self) -> Crm {
        let known = self.bench.tenant().credentials();
        let mut options = ClientOptions::new(self.bench.tenant().base_url());
        let limit = Limit { per_second: None, burst: 1, concurrency: 1 };
        options.limits = ApiLimits { wapi: limit, ..ApiLimits::default() };
        let key = ApiKey { tenant: known.tenant.clone(), secret: Secret::new(&*known.api_key) };
        Crm {
            client: Client::new(options).unwrap(),
            auth: Auth::ApiKey(key.into()),
            access: Access::Gateway,
            style: Style::default(),
            attempts: 3,
            backoff: Backoff::default(),
            is_known: std::sync::Arc::default(),
            is_odd_told: std::sync::Arc::default(),
        }
    }
}

/// A command, written by hand.
pub fn command(object: &str, action: &str, tags: &Tags) -> String {
    let tags = tags.iter().map(|(tag, value)| format!("<{tag}>{}</{tag}>", escaped(value)));
    let tags: String = tags.collect();
    format!("<COMMAND OBJECT=\"{object}\" ACTION=\"{action}\">{tags}</COMMAND>")
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\'' => text.push_str("&rsquot;"),
            ' '..='~' => text.push(c),
            _ => text.push_str(&format!("&#{};", u32::from(c))),
        }
    }
    text
}

/// Tags of literals.
pub fn tags(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(tag, value)| ((*tag).to_owned(), (*value).to_owned())).collect()
}
