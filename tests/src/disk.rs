//! A disk that fails: a small file system of its own, on which a test fills, breaks and mends.
//!
//! An image file with ext4, mounted over a loop device, so that a full disk is a full disk and
//! what the kernel answers is what it answers at night. Needs root; without it [`Disk::of_mib`]
//! says so aloud and gives none, except with `CI=true`, where that is a failure.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// The name of the file that takes all room.
const BALLAST: &str = "ballast";

/// A mounted file system; dropping it takes it off.
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// An empty one of this size.
    ///
    /// # Panics
    /// With `CI=true`, if none can be mounted.
    pub fn of_mib(size: u64) -> Option<Self> {
        let disk = Self {
            folder: tempfile::tempdir().expect("the temporary folder takes one more"),
        };
        match disk.make(size * 1024 * 1024) {
            Ok(()) => Some(disk),
            Err(why) => {
                assert!(
                    std::env::var("CI").as_deref() != Ok("true"),
                    "in CI nothing may be skipped: {why}"
                );
                eprintln!("SKIPPED: no disk of our own to break: {why}");
                None
            }
        }
    }

    fn make(&self, bytes: u64) -> Result<(), String> {
        File::create(self.image())
            .and_then(|file| file.set_len(bytes))
            .map_err(|error| error.to_string())?;
        std::fs::create_dir(self.path()).map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").arg("-q").arg(self.image()))?;
        self.mount()
    }

    fn mount(&self) -> Result<(), String> {
        run(Command::new("mount")
            .args(["-o", "loop,errors=remount-ro"])
            .arg(self.image())
            .arg(self.path()))
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("image")
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        let mut ballast = File::options()
            .create(true)
            .append(true)
            .open(self.path().join(BALLAST))
            .expect("the disk takes a file");
        for piece in [vec![0; 64 * 1024], vec![0; 512]] {
            while ballast.write_all(&piece).is_ok() {}
        }
        let _ = ballast.sync_all();
    }

    /// There is room again.
    pub fn empty(&self) {
        std::fs::remove_file(self.path().join(BALLAST)).expect("the disk was filled before");
    }

    /// The kernel finds the file system damaged and lets nobody write any more, as it does when a
    /// disk goes bad. Only [`Self::replug`] mends it.
    pub fn turn_read_only(&self) {
        let source = output(
            Command::new("findmnt")
                .args(["-n", "-o", "SOURCE"])
                .arg(self.path()),
        );
        let device = Path::new(source.trim())
            .file_name()
            .expect("a loop device has a name")
            .to_owned();
        let trigger = Path::new("/sys/fs/ext4")
            .join(device)
            .join("trigger_fs_error");
        std::fs::write(trigger, "a test").expect("root may break its own file system");
    }

    /// Every write and every flush is an input/output error from now on, and what was not flushed
    /// before is gone, as if the power had been cut. Only [`Self::replug`] mends it.
    pub fn cut_power(&self) {
        const SHUTDOWN: &str = "import fcntl, os, struct, sys\n\
            fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack('I', 2))";
        run(Command::new("python3")
            .args(["-c", SHUTDOWN])
            .arg(self.path()))
        .expect("root may stop its own file system");
    }

    /// Takes it off and mounts it again, checked and mended. Nobody may be using it.
    pub fn replug(&self) {
        run(Command::new("umount").arg(self.path())).expect("nobody uses the disk");
        // 1: something was mended, which is what it is for.
        let checked = Command::new("fsck.ext4")
            .args(["-p", "-f"])
            .arg(self.image())
            .output()
            .expect("fsck is a program of every system");
        assert!(matches!(checked.status.code(), Some(0 | 1)), "{checked:?}");
        self.mount().expect("a mended disk can be mounted");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: what still has a file open there is not this test's any more.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_owned();
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!(
            "{}: {}",
            name.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Err(format!("{}: {error}", name.display())),
    }
}

fn output(command: &mut Command) -> String {
    let output = command.output().expect("a program of every system");
    String::from_utf8(output.stdout).expect("a path of ours is text")
}
