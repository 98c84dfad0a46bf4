//! Changes of a plan: what a test or an option of the command line has in place of what the description says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::plan::{Image, Partition, Plan};

/// A change of a plan that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No such partition.
    #[error("{0} has no partition \"{1}\"")]
    NoPartition(String, String),
    /// A command line for what has none.
    #[error("partition \"{0}\" runs no Linux, so it has no command line")]
    NoCommandLine(String),
    /// A disk that nobody would see.
    #[error(
        "no partition of {0} could use a disk: give one that runs a Debian package the device `virtio`"
    )]
    NoUseForDisk(String),
    /// It has no initial root file system.
    #[error("{0} runs no Debian kernel that modules could be built for")]
    NoModules(String),
    /// Features for what is not built.
    #[error("partition \"{0}\" is no Cargo package, so it has no features")]
    NoFeatures(String),
}

impl Plan {
    fn partition(&mut self, name: &str) -> Result<&mut Partition, Error> {
        let missing = Error::NoPartition(self.name.clone(), name.to_owned());
        let mut partitions = self.partitions.iter_mut();
        partitions.find(|it| it.name == name).ok_or(missing)
    }

    /// Puts another image into a partition. What it is, its file name says: `.elf`, `.bin`, else a Cargo package.
    pub fn replace_image(&mut self, partition: &str, path: PathBuf) -> Result<(), Error> {
        let extension = path.extension().and_then(|end| end.to_str());
        self.partition(partition)?.image = match extension {
            Some("elf") => Image::Elf(path),
            Some("bin") => Image::Bin(path),
            _ => Image::Cargo {
                package: path,
                features: Vec::new(),
            },
        };
        Ok(())
    }

    /// Gives the Linux of a partition another command line.
    pub fn replace_command_line(&mut self, partition: &str, line: &str) -> Result<(), Error> {
        match &mut self.partition(partition)?.image {
            Image::Debian { command_line, .. } | Image::Loader { command_line, .. } => {
                *command_line = line.to_owned();
            }
            _ => return Err(Error::NoCommandLine(partition.to_owned())),
        }
        Ok(())
    }

    /// Has the partition that can use a disk find its root file system there.
    pub fn use_disk(&mut self) -> Result<(), Error> {
        let mut partitions = self.partitions.iter_mut();
        let user = partitions.find(|it| it.virtio && it.runs_linux());
        user.ok_or(Error::NoUseForDisk(self.name.clone()))?.disk = true;
        Ok(())
    }

    /// Builds the package of a partition with these features.
    pub fn set_features(&mut self, partition: &str, wanted: &[String]) -> Result<(), Error> {
        match &mut self.partition(partition)?.image {
            Image::Cargo { features, .. } => *features = wanted.to_vec(),
            _ => return Err(Error::NoFeatures(partition.to_owned())),
        }
        Ok(())
    }

    /// Gives the Linux of a partition modules to load by hand.
    pub fn add_modules(&mut self, partition: &str, modules: &[String]) -> Result<(), Error> {
        let found = self.partition(partition)?;
        if !matches!(found.image, Image::Debian { .. }) {
            return Err(Error::NoModules(partition.to_owned()));
        }
        found.idle_modules.extend_from_slice(modules);
        Ok(())
    }

    /// Makes all the changes; images before features, so that a replaced package can have some.
    pub fn change(&mut self, changes: &Changes) -> Result<(), Error> {
        for (partition, path) in &changes.images {
            self.replace_image(partition, path.clone())?;
        }
        for (partition, line) in &changes.command_lines {
            self.replace_command_line(partition, line)?;
        }
        if changes.disk {
            self.use_disk()?;
        }
        for (partition, features) in &changes.features {
            self.set_features(partition, features)?;
        }
        for (partition, modules) in &changes.modules {
            self.add_modules(partition, modules)?;
        }
        if let Some(firmware) = &changes.firmware {
            self.firmware.clone_from(firmware);
        }
        self.firmware_features
            .clone_from(&changes.firmware_features);
        Ok(())
    }
}

/// Changes of a plan, by partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Other images.
    pub images: BTreeMap<String, PathBuf>,
    /// Other kernel command lines.
    pub command_lines: BTreeMap<String, String>,
    /// Cargo features.
    pub features: BTreeMap<String, Vec<String>>,
    /// Kernel modules.
    pub modules: BTreeMap<String, Vec<String>>,
    /// Cargo features of the firmware.
    pub firmware_features: Vec<String>,
    /// Another firmware.
    pub firmware: Option<PathBuf>,
    /// Whether there is a disk.
    pub disk: bool,
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Boot, Machine};
    use super::*;
    use crate::flash::Flash;
    use crate::flash::elf::Built;
    use cofferdam_core::region::Region;
    use cofferdam_system::Arch;

    fn plan() -> Plan {
        let partition = |name: &str, image| Partition {
            name: name.to_owned(),
            index: 0,
            ram: Region::from_raw(0x4000_0000, 0x1000).unwrap(),
            memory: Vec::new(),
            devices: Vec::new(),
            cores: vec![0],
            channels: Vec::new(),
            services: crate::devicetree::Services::default(),
            console: None,
            critical: false,
            watchdog: false,
            profiled: false,
            virtio: name == "linux",
            trusted: Vec::new(),
            disk: false,
            page: name == "linux",
            kernel_modules: Vec::new(),
            idle_modules: Vec::new(),
            built: Built {
                wide: true,
                big_endian: false,
            },
            entry: None,
            image,
        };
        Plan {
            name: "cockpit".to_owned(),
            system: "system.yaml".into(),
            firmware: "firmware".into(),
            firmware_features: Vec::new(),
            device_tree: "board.dts".into(),
            flash: Flash {
                start: 0,
                size: 0x400_0000,
                table: 0x10_0000,
                rounds: None,
            },
            machine: Machine {
                arch: Arch::Arm64,
                machine: "virt".to_owned(),
                cpu: "cortex-a53".to_owned(),
                cores: 2,
                memory: Region::from_raw(0x4000_0000, 0x8000_0000).unwrap(),
                boot: Boot::Firmware,
            },
            consoles: Vec::new(),
            rings: Vec::new(),
            partitions: vec![
                partition("cluster", Image::Elf("a.elf".into())),
                partition(
                    "linux",
                    Image::Debian {
                        package: "linux-image-cloud-arm64".to_owned(),
                        initramfs: None,
                        command_line: String::new(),
                    },
                ),
            ],
        }
    }

    fn changes(key: &str, value: &str) -> Changes {
        let mut changes = Changes::default();
        changes.images.insert(key.to_owned(), value.into());
        changes
    }

    #[test]
    fn an_image_is_known_by_its_file_name() {
        let image = |path: &str| {
            let mut plan = plan();
            plan.change(&changes("linux", path)).unwrap();
            plan.partitions[1].image.clone()
        };
        assert_eq!(image("x.elf"), Image::Elf("x.elf".into()));
        assert_eq!(image("x.bin"), Image::Bin("x.bin".into()));
        let package = "tests/attackers".into();
        let features = Vec::new();
        assert_eq!(image("tests/attackers"), Image::Cargo { package, features });
    }

    #[test]
    fn a_replaced_package_can_have_features() {
        let mut plan = plan();
        let mut changes = changes("linux", "tests/attackers");
        let wanted = vec!["dma".to_owned()];
        changes.features.insert("linux".to_owned(), wanted.clone());
        plan.change(&changes).unwrap();
        assert!(
            matches!(&plan.partitions[1].image, Image::Cargo { features, .. } if *features == wanted)
        );
    }

    #[test]
    fn another_firmware_takes_the_place_of_the_described_one() {
        let mut plan = plan();
        plan.change(&Changes::default()).unwrap();
        assert_eq!(plan.firmware, PathBuf::from("firmware"));
        let changes = Changes {
            firmware: Some("other".into()),
            ..Changes::default()
        };
        plan.change(&changes).unwrap();
        assert_eq!(plan.firmware, PathBuf::from("other"));
    }

    #[test]
    fn a_disk_goes_to_the_linux_that_can_see_it() {
        let mut plan = plan();
        plan.use_disk().unwrap();
        let with: Vec<_> = plan.partitions.iter().map(|it| it.disk).collect();
        assert_eq!(with, [false, true]);
        plan.partitions[1].virtio = false;
        assert!(matches!(plan.use_disk(), Err(Error::NoUseForDisk(_))));
    }

    #[test]
    fn a_page_is_handed_on_by_an_init_that_does_so() {
        let mut plan = plan();
        assert!(!plan.has_page(), "no init");
        let Image::Debian { initramfs, .. } = &mut plan.partitions[1].image else {
            panic!("no Linux");
        };
        *initramfs = Some("rootfs".into());
        assert!(plan.has_page());
        plan.use_disk().unwrap();
        assert!(!plan.has_page(), "another init");
    }

    #[test]
    fn a_change_that_would_do_nothing_is_refused() {
        assert!(matches!(
            plan().change(&changes("linus", "x.bin")),
            Err(Error::NoPartition(_, name)) if name == "linus"
        ));
        let lines = |name: &str| plan().replace_command_line(name, "quiet");
        assert_eq!(lines("linux"), Ok(()));
        assert!(matches!(lines("cluster"), Err(Error::NoCommandLine(_))));
        assert!(matches!(
            plan().add_modules("cluster", &[]),
            Err(Error::NoModules(_))
        ));
        assert!(matches!(
            plan().set_features("linux", &[]),
            Err(Error::NoFeatures(_))
        ));
    }
}
