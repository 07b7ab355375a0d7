//! Sealing by a passphrase, in the format of age: `age --decrypt` opens it too, and gives the tar.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write};
use std::path::Path;

use age::secrecy::SecretString;
use age::stream::StreamWriter;
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use anyhow::{Context as _, bail, ensure};

/// How every age file begins.
const MAGIC: &[u8] = b"age-encryption.org/";
/// 2^17 rounds of scrypt: 128 MiB and about half a second for each guess.
const WORK: u8 = 17;
/// What a file may ask of the machine that opens it: 4 GiB.
const MOST_WORK: u8 = 22;
/// Characters below which a passphrase is none.
const SHORTEST: usize = 8;

/// What seals a backup.
#[derive(Debug, Clone)]
pub struct Passphrase {
    secret: SecretString,
    work: u8,
}

impl Passphrase {
    /// At least eight characters.
    pub fn new(text: &str) -> anyhow::Result<Self> {
        ensure!(
            text.chars().count() >= SHORTEST,
            "a passphrase has at least {SHORTEST} characters"
        );
        Ok(Self {
            secret: SecretString::from(text.to_owned()),
            work: WORK,
        })
    }

    /// The first line of a file, or of the standard input if that is `-`.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let about = || format!("the passphrase in {}", path.display());
        let text = if path == Path::new("-") {
            let mut line = String::new();
            io::stdin().read_line(&mut line).with_context(about)?;
            line
        } else {
            std::fs::read_to_string(path).with_context(about)?
        };
        Self::new(text.lines().next().unwrap_or_default()).with_context(about)
    }

    #[cfg(test)]
    pub(super) fn quick(text: &str) -> Self {
        Self {
            work: 2,
            ..Self::new(text).unwrap()
        }
    }
}

/// Where an archive is written.
pub(super) enum Sink {
    Open(BufWriter<File>),
    Sealed(Box<StreamWriter<BufWriter<File>>>),
}

impl Sink {
    pub(super) fn new(file: File, passphrase: Option<&Passphrase>) -> anyhow::Result<Self> {
        let file = BufWriter::new(file);
        let Some(passphrase) = passphrase else {
            return Ok(Self::Open(file));
        };
        let mut recipient = scrypt::Recipient::new(passphrase.secret.clone());
        recipient.set_work_factor(passphrase.work);
        let to: &dyn age::Recipient = &recipient;
        let encryptor = Encryptor::with_recipients(std::iter::once(to)).context("sealing")?;
        let writer = encryptor.wrap_output(file).context("sealing")?;
        Ok(Self::Sealed(Box::new(writer)))
    }

    /// Writes what is held back, down to the disk.
    pub(super) fn end(self) -> io::Result<()> {
        let file = match self {
            Self::Open(file) => file,
            Self::Sealed(sealed) => sealed.finish()?,
        };
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    }
}

impl Write for Sink {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(file) => file.write(buffer),
            Self::Sealed(sealed) => sealed.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(file) => file.flush(),
            Self::Sealed(sealed) => sealed.flush(),
        }
    }
}

/// The archive in this file, unsealed if need be.
pub(super) fn open(
    path: &Path,
    passphrase: Option<&Passphrase>,
) -> anyhow::Result<Box<dyn Read + Send>> {
    let about = || format!("opening {}", path.display());
    let mut file = File::open(path).with_context(about)?;
    let mut begin = Vec::new();
    (&mut file)
        .take(MAGIC.len() as u64)
        .read_to_end(&mut begin)
        .with_context(about)?;
    file.rewind().with_context(about)?;
    let file = BufReader::new(file);
    if begin != MAGIC {
        return Ok(Box::new(file));
    }
    let Some(passphrase) = passphrase else {
        bail!("the backup is sealed: name the file that holds its passphrase (--passphrase-file)");
    };
    let mut identity = scrypt::Identity::new(passphrase.secret.clone());
    identity.set_max_work_factor(MOST_WORK);
    let by: &dyn age::Identity = &identity;
    let opened = Decryptor::new_buffered(file).and_then(|it| it.decrypt(std::iter::once(by)));
    match opened {
        Ok(reader) => Ok(Box::new(reader)),
        Err(
            DecryptError::NoMatchingKeys
            | DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed,
        ) => {
            bail!("this is not the passphrase that the backup was sealed by")
        }
        Err(error) => bail!("the backup is damaged: {error}"),
    }
}
