//! A prefix in an object store: S3, Google Cloud Storage or Azure, and what speaks their language.
//!
//! This is the one other place than `http` from which requests leave: the `object_store` crate
//! makes them, with the credentials that it finds in its usual environment variables. Nothing of
//! those is logged.

use std::{
    fmt,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, WriteMultipart, aws, azure, gcp, path::Path as Key,
};
use tokio::runtime::{Builder, Runtime};

use super::{FileLoadError, Store};
use crate::files;

/// Bytes of one part of an upload. S3 takes 10,000 parts of an object: that is 160 GB.
const PART: usize = 16 << 20;

/// Parts of one upload under way at once.
const PARTS_AT_ONCE: usize = 4;

/// The kinds of object stores, by the scheme of their addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    S3,
    Google,
    Azure,
}

/// A bucket, and a prefix in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPlace {
    kind: Kind,
    bucket: String,
    prefix: String,
}

impl ObjectPlace {
    /// The place behind `scheme://rest`.
    pub fn parse(scheme: &str, rest: &str) -> Result<ObjectPlace, FileLoadError> {
        let kind = match scheme {
            "s3" => Kind::S3,
            "gs" => Kind::Google,
            "az" => Kind::Azure,
            other => {
                return Err(FileLoadError::refused(
                    format!("`{other}://` is no kind of place that files can be written to"),
                    "write a path, or an address that begins with `s3://`, `gs://` or `az://`",
                ));
            }
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let is_key = Key::parse(prefix).is_ok();
        if bucket.is_empty() || bucket.contains(['@', '?', '#', ':']) || !is_key {
            return Err(FileLoadError::refused(
                format!("`{scheme}://{rest}` is not a bucket and a prefix in it"),
                format!("for instance `{scheme}://bucket/exports/customers`"),
            ));
        }
        Ok(ObjectPlace { kind, bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// The prefix in which an object stands, and the rest of its name.
    pub fn parent(&self) -> Option<(ObjectPlace, String)> {
        let (prefix, name) = self.prefix.rsplit_once('/').unwrap_or(("", &self.prefix));
        let parent = ObjectPlace { prefix: prefix.to_owned(), ..self.clone() };
        (!name.is_empty()).then(|| (parent, name.to_owned()))
    }

    /// Opens it with the credentials of the environment; no request is made.
    pub fn open(&self) -> Result<Box<dyn Store>, FileLoadError> {
        let url = ObjectPlace { prefix: String::new(), ..self.clone() }.to_string();
        let store: object_store::Result<Arc<dyn ObjectStore>> = match self.kind {
            Kind::S3 => {
                let builder = aws::AmazonS3Builder::from_env().with_url(url);
                let endpoint = builder.get_config_value(&aws::AmazonS3ConfigKey::Endpoint);
                let builder = builder.with_allow_http(is_plain(endpoint.as_deref())?);
                builder.build().map(|store| Arc::new(store) as _)
            }
            Kind::Google => gcp::GoogleCloudStorageBuilder::from_env()
                .with_url(url)
                .build()
                .map(|store| Arc::new(store) as _),
            Kind::Azure => {
                let builder = azure::MicrosoftAzureBuilder::from_env().with_url(url);
                let endpoint = builder.get_config_value(&azure::AzureConfigKey::Endpoint);
                let builder = builder.with_allow_http(is_plain(endpoint.as_deref())?);
                builder.build().map(|store| Arc::new(store) as _)
            }
        };
        let store = store.map_err(|error| {
            FileLoadError::refused(
                format!("`{self}` cannot be opened: {error}"),
                "its credentials are taken from the usual environment variables (`AWS_..`, \
                 `GOOGLE_..`, `AZURE_..`)",
            )
        })?;
        Ok(Box::new(Objects::new(store, &self.prefix)?))
    }
}

impl fmt::Display for ObjectPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            Kind::S3 => "s3",
            Kind::Google => "gs",
            Kind::Azure => "az",
        };
        write!(f, "{scheme}://{}/{}", self.bucket, self.prefix)
    }
}

/// Whether requests go by plain HTTP. That is for this machine only, whatever the environment says.
fn is_plain(endpoint: Option<&str>) -> Result<bool, FileLoadError> {
    let Some((scheme, rest)) = endpoint.and_then(|endpoint| endpoint.split_once("://")) else {
        return Ok(false);
    };
    if !scheme.eq_ignore_ascii_case("http") {
        return Ok(false);
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    match matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        true => Ok(true),
        false => Err(FileLoadError::refused(
            format!("`http://{host}` of the environment is not safe for an object store"),
            "plain HTTP is for this machine only: use `https://`",
        )),
    }
}

/// An object store that was opened, and a prefix in it.
#[derive(Debug)]
struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    /// Requests are made while a thread of the run waits for them.
    runtime: Runtime,
}

impl Objects {
    fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Result<Objects, FileLoadError> {
        let failed =
            |why: String| FileLoadError::Store { doing: "open", name: prefix.to_owned(), why };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let prefix = Key::parse(prefix).map_err(|error| failed(error.to_string()))?;
        Ok(Objects { store, prefix, runtime })
    }

    /// The object of a name. Names are kept as they are: a `%` in them is no escape here.
    fn key(&self, name: &str) -> Result<Key, FileLoadError> {
        let whole = match self.prefix.as_ref() {
            "" => name.to_owned(),
            prefix => format!("{prefix}/{name}"),
        };
        Key::parse(whole).map_err(|error| failed("name", name, &error))
    }

    async fn upload(&self, staged: &Path, name: &str, bytes: u64) -> Result<(), FileLoadError> {
        let said = |error: object_store::Error| failed("write", name, &error);
        let mut file = match File::open(staged) {
            // An earlier process put it there, and nobody takes staged files away before the end.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let there = self.store.head(&self.key(name)?).await.map_err(said)?;
                return match there.size == bytes {
                    true => Ok(()),
                    false => Err(FileLoadError::io(staged, "read", error)),
                };
            }
            other => other.map_err(|error| FileLoadError::io(staged, "read", error))?,
        };
        let upload = self.store.put_multipart(&self.key(name)?).await.map_err(said)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut buffer);
            let read = read.map_err(|error| FileLoadError::io(staged, "read", error))?;
            if read == 0 {
                break;
            }
            upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(said)?;
            upload.write(&buffer[..read]);
        }
        upload.finish().await.map(drop).map_err(said)
    }

    async fn download(&self, name: &str, path: &Path) -> Result<(), FileLoadError> {
        let said = |error: object_store::Error| failed("read", name, &error);
        let mut bytes = self.store.get(&self.key(name)?).await.map_err(said)?.into_stream();
        let io = |error| FileLoadError::io(path, "write", error);
        let mut file = files::private_file(path)?;
        file.set_len(0).map_err(io)?;
        while let Some(bytes) = bytes.try_next().await.map_err(said)? {
            file.write_all(&bytes).map_err(io)?;
        }
        Ok(())
    }
}

fn failed(doing: &'static str, name: &str, error: &dyn fmt::Display) -> FileLoadError {
    FileLoadError::Store { doing, name: name.to_owned(), why: error.to_string() }
}

impl Store for Objects {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FileLoadError> {
        self.runtime.block_on(async {
            let said = |error: object_store::Error| failed("read", name, &error);
            match self.store.get(&self.key(name)?).await {
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(said(error)),
                Ok(found) => Ok(Some(found.bytes().await.map_err(said)?.to_vec())),
            }
        })
    }

    fn list(&self) -> Result<Vec<String>, FileLoadError> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        let found: Vec<_> = self
            .runtime
            .block_on(self.store.list(prefix).try_collect())
            .map_err(|error: object_store::Error| failed("list", self.prefix.as_ref(), &error))?;
        let length = prefix.map_or(0, |prefix| prefix.as_ref().len() + 1);
        let mut names: Vec<String> = found
            .iter()
            .filter_map(|object| object.location.as_ref().get(length..))
            .filter(|name| !name.split('/').any(|part| part.starts_with('.')))
            .map(str::to_owned)
            .collect();
        names.sort();
        Ok(names)
    }

    fn put(&self, staged: &Path, name: &str, bytes: u64) -> Result<(), FileLoadError> {
        self.runtime.block_on(self.upload(staged, name, bytes))
    }

    fn delete(&self, name: &str) -> Result<(), FileLoadError> {
        let key = self.key(name)?;
        match self.runtime.block_on(self.store.delete(&key)) {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(failed("remove", name, &error)),
        }
    }

    fn fetch(&self, name: &str, scratch: &Path) -> Result<PathBuf, FileLoadError> {
        files::private_dir(scratch)?;
        let path = scratch.join("fetched.parquet");
        self.runtime.block_on(self.download(name, &path))?;
        Ok(path)
    }

    fn sync(&self, _names: &[&str]) -> Result<(), FileLoadError> {
        Ok(())
    }

    fn manifest_first(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use object_store::{local::LocalFileSystem, memory::InMemory};

    use super::*;

    #[test]
    fn addresses_are_buckets_and_prefixes() {
        let place = ObjectPlace::parse("s3", "lake/crm/customers/").unwrap();
        assert_eq!(place.to_string(), "s3://lake/crm/customers");
        let (parent, name) = place.parent().unwrap();
        assert_eq!((parent.to_string().as_str(), name.as_str()), ("s3://lake/crm", "customers"));
        for (scheme, rest) in [("ftp", "lake/x"), ("s3", "/x"), ("s3", "key:secret@lake/x")] {
            assert!(ObjectPlace::parse(scheme, rest).is_err(), "{scheme}://{rest}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for (endpoint, plain) in [
            (Some("http://127.0.0.1:9000"), true),
            (Some("http://localhost:9000/x"), true),
            (Some("http://[::1]:9000"), true),
            (Some("https://minio:9000"), false),
            (None, false),
        ] {
            assert_eq!(is_plain(endpoint).unwrap(), plain, "{endpoint:?}");
        }
        for endpoint in ["http://127.0.0.1.example.com", "HTTP://minio:9000", "http://u@127.0.0.1"]
        {
            assert!(is_plain(Some(endpoint)).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn objects_are_put_whole_listed_read_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let stores: [Arc<dyn ObjectStore>; 2] = [
            Arc::new(InMemory::new()),
            Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap()),
        ];
        for store in stores {
            let scratch = tempfile::tempdir().unwrap();
            let objects = Objects::new(store, "crm/customers").unwrap();
            let staged = scratch.path().join("00000.staged");
            std::fs::write(&staged, vec![7; PART + 5]).unwrap();
            let name = "NAME=a%2Fb/part-00000.parquet";
            objects.put(&staged, name, PART as u64 + 5).unwrap();
            std::fs::remove_file(&staged).unwrap();
            objects.put(&staged, name, PART as u64 + 5).unwrap();
            assert_eq!(objects.list().unwrap(), [name]);
            let fetched = objects.fetch(name, scratch.path()).unwrap();
            assert_eq!(std::fs::read(fetched).unwrap(), vec![7; PART + 5]);
            objects.delete(name).unwrap();
            objects.delete(name).unwrap();
            assert_eq!(objects.read(name).unwrap(), None);
        }
    }
}
