//! A file that is there when it is whole, and not before.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// Being written beside its place, readable by its owner only. Dropped without
/// [`NewFile::finish`], it is removed.
#[derive(Debug)]
pub(super) struct NewFile {
    path: PathBuf,
    beside: PathBuf,
    force: bool,
    file: Option<BufWriter<File>>,
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::Storage(format!("{}: {error}", path.display()))
}

fn taken(path: &Path) -> Error {
    Error::Invalid(format!("{} is there already", path.display()))
}

impl NewFile {
    pub(super) fn create(path: &Path, force: bool) -> Result<Self> {
        let Some(name) = path.file_name().filter(|_| !path.is_dir()) else {
            return Err(Error::Invalid("name a file, not a folder".to_owned()));
        };
        if !force && path.symlink_metadata().is_ok() {
            return Err(taken(path));
        }
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let beside = path.with_file_name(hidden);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(&beside).map_err(|e| failed(path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            beside,
            force,
            file: Some(BufWriter::new(file)),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let file = self.file.as_mut().expect("open until it is finished");
        file.write_all(bytes).map_err(|e| failed(&self.path, &e))
    }

    /// Gives it its name.
    pub(super) fn finish(mut self) -> Result<()> {
        let file = self.file.take().expect("finished once");
        let whole = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all());
        whole.map_err(|e| failed(&self.path, &e))?;
        if self.force {
            return std::fs::rename(&self.beside, &self.path).map_err(|e| failed(&self.path, &e));
        }
        // A second name fails where one is; renaming would replace what came there meanwhile.
        match std::fs::hard_link(&self.beside, &self.path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(taken(&self.path)),
            // A file system without second names.
            Err(_) if self.path.symlink_metadata().is_ok() => Err(taken(&self.path)),
            Err(_) => std::fs::rename(&self.beside, &self.path).map_err(|e| failed(&self.path, &e)),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // Renamed: there is none any more.
        let _ = std::fs::remove_file(&self.beside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_there_when_it_is_whole_and_never_half() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let mut file = NewFile::create(&path, false).unwrap();
        file.write(b"half").unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(names(folder.path()), Vec::<String>::new());
        let mut file = NewFile::create(&path, false).unwrap();
        file.write(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["out.json"]);
    }

    #[test]
    fn what_is_there_is_replaced_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.json");
        let mut file = NewFile::create(&path, false).unwrap();
        file.write(b"mine").unwrap();
        // Somebody was faster.
        std::fs::write(&path, b"theirs").unwrap();
        assert!(matches!(file.finish(), Err(Error::Invalid(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert!(matches!(
            NewFile::create(&path, false),
            Err(Error::Invalid(_))
        ));
        let mut file = NewFile::create(&path, true).unwrap();
        file.write(b"mine").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        file.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
        assert_eq!(names(folder.path()), ["out.json"]);
        assert!(NewFile::create(folder.path(), true).is_err(), "a folder");
    }
}
