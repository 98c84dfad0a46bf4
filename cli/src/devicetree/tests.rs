use super::*;

const BOARD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../boards/qemu-virt-arm64/board.dts"
);

fn region(start: u64, len: u64) -> Region {
    Region::from_raw(start, len).unwrap()
}

fn linux() -> Owned {
    Owned {
        cores: vec![1],
        memory: vec![region(0x4000_0000, 0x3000_0000)],
        devices: vec![region(0x0900_0000, 0x1000), region(0x0a00_0000, 0x400)],
        channels: Vec::new(),
        services: Services::default(),
        command_line: "console=ttyAMA0 quiet".to_owned(),
        initrd: Some(region(0x4f00_0000, 0x1234)),
        console: Some(0x0900_0000),
        watchdog: false,
    }
}

fn generated(owned: &Owned) -> DeviceTree {
    let dtb = generate(&compile(Path::new(BOARD)).unwrap(), owned).unwrap();
    DeviceTree::from_fdt(&Fdt::new(&dtb).unwrap())
}

#[test]
fn only_what_is_owned_is_left() {
    let tree = generated(&linux());
    let with_address: Vec<_> = tree
        .root
        .children()
        .filter(|node| node.name().contains('@'))
        .map(|node| node.name().to_owned())
        .collect();
    assert_eq!(
        with_address,
        [
            "interrupt-controller@8000000",
            "serial@9000000",
            "virtio_mmio@a000000",
            "virtio_mmio@a000200",
            "memory@40000000"
        ]
    );
    assert!(
        tree.find_node("/interrupt-controller@8000000/msi-controller@8080000")
            .is_some()
    );
    let cpus: Vec<_> = tree
        .find_node("/cpus")
        .unwrap()
        .children()
        .map(|cpu| cpu.name().to_owned())
        .collect();
    assert_eq!(cpus, ["cpu@1"]);
    assert!(tree.find_node("/psci").is_some());
}

#[test]
fn memory_and_chosen_say_where_things_are() {
    let tree = generated(&linux());
    let memory = tree.find_node("/memory@40000000").unwrap();
    assert_eq!(
        memory.property("reg").unwrap().value(),
        [0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x30, 0, 0, 0]
    );
    let chosen = tree.find_node("/chosen").unwrap();
    let word = |name| chosen.property(name).unwrap().value_as::<u64>().unwrap();
    assert_eq!(word("linux,initrd-start"), 0x4f00_0000);
    assert_eq!(word("linux,initrd-end"), 0x4f00_1234);
    let text = |name| chosen.property(name).unwrap().value().to_owned();
    assert_eq!(text("bootargs"), b"console=ttyAMA0 quiet\0");
    assert_eq!(text("stdout-path"), b"/serial@9000000\0");
}

#[test]
fn a_core_or_a_console_that_the_board_has_not_is_refused() {
    let board = compile(Path::new(BOARD)).unwrap();
    let message = |owned: &Owned| generate(&board, owned).unwrap_err().to_string();
    let absent = Owned {
        cores: vec![0, 7],
        ..linux()
    };
    assert!(message(&absent).contains("<0x7>"));
    let silent = Owned {
        console: Some(0x0904_0000),
        ..linux()
    };
    assert!(
        message(&silent).contains("0x9040000"),
        "not owned, so not there"
    );
}

#[test]
fn a_watchdog_is_told_of_only_where_there_is_one() {
    assert!(generated(&linux()).root.child("watchdog").is_none());
    let owned = Owned {
        watchdog: true,
        ..linux()
    };
    let tree = generated(&owned);
    let node = tree.root.child("watchdog").unwrap();
    let function = node.property("arm,smc-id").unwrap();
    assert_eq!(function.value_as::<u32>().unwrap(), 0x8200_3d06);
}

#[test]
fn the_contexts_of_another_s_hart_are_absent_and_a_doorbell_is_a_source() {
    let board = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../boards/qemu-virt-riscv64/board.dts"
    );
    let net = VirtualNet {
        number: 0,
        side: 0,
        memory: region(0xa030_0000, 0x8_0000),
        slots: 64,
        mtu: 1500,
        crc: true,
        siphash: None,
        interrupt: vec![88],
        mac: [2, 0x43, 0x46, 0x56, 0, 0],
        address: "10.7.0.1/24".to_owned(),
        neighbour: None,
    };
    let owned = Owned {
        cores: vec![0, 2],
        memory: vec![region(0x8020_0000, 0x2000_0000)],
        devices: vec![region(0x1000_0000, 0x1000)],
        console: Some(0x1000_0000),
        channels: vec![net],
        ..linux()
    };
    let dtb = generate(&compile(Path::new(board)).unwrap(), &owned).unwrap();
    let tree = DeviceTree::from_fdt(&Fdt::new(&dtb).unwrap());
    assert!(tree.find_node("/cpus/cpu@1").is_none());
    assert!(tree.find_node("/rtc@101000").is_none());
    let hart = |name: &str| {
        let controller = tree.find_node(&format!("/cpus/{name}/interrupt-controller"));
        let phandle = controller.unwrap().property("phandle").unwrap();
        phandle.value_as::<u32>().unwrap()
    };
    let (first, last) = (hart("cpu@0"), hart("cpu@2"));
    let plic = tree.find_node("/interrupt-controller@c000000").unwrap();
    let contexts = plic.property("interrupts-extended").unwrap();
    let cells = contexts.value().as_chunks::<4>().0.iter();
    let cells: Vec<u32> = cells.map(|cell| u32::from_be_bytes(*cell)).collect();
    let absent = [first, u32::MAX, first, u32::MAX];
    assert_eq!(cells[..4], [first, 11, first, 9]);
    assert_eq!(cells[4..8], absent);
    assert_eq!(cells[8..], [last, 11, last, 9]);
    // A doorbell is a source of the same controller.
    let cell = |node: &str, name: &str| {
        let node = tree.find_node(node).unwrap();
        node.property(name).unwrap().value_as::<u32>().unwrap()
    };
    let controller = cell("/interrupt-controller@c000000", "phandle");
    assert_eq!(cell("/virtualnet-0", "interrupt-parent"), controller);
    assert_eq!(cell("/virtualnet-0", "interrupts"), 88);
}

#[test]
fn messages_have_the_files_of_own_harts_and_wires_the_domain() {
    let board = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../boards/qemu-virt-riscv64-aia/board.dts"
    );
    let owned = Owned {
        cores: vec![1, 2],
        memory: vec![region(0x8020_0000, 0x2000_0000)],
        devices: vec![region(0x1000_0000, 0x1000)],
        console: Some(0x1000_0000),
        ..linux()
    };
    let dtb = generate(&compile(Path::new(board)).unwrap(), &owned).unwrap();
    let tree = DeviceTree::from_fdt(&Fdt::new(&dtb).unwrap());
    let cells = |node: &str, name: &str| -> Vec<u32> {
        let node = tree.find_node(node).unwrap();
        let property = node.property(name).unwrap();
        let cells = property.value().as_chunks::<4>().0.iter();
        cells.map(|cell| u32::from_be_bytes(*cell)).collect()
    };
    let hart = |name: &str| cells(&format!("/cpus/{name}/interrupt-controller"), "phandle")[0];
    let (first, last) = (hart("cpu@1"), hart("cpu@2"));
    let (domain, files) = (
        "/interrupt-controller@d000000",
        "/interrupt-controller@28000000",
    );
    let contexts = cells(files, "interrupts-extended");
    assert_eq!(contexts, [first, 9, last, 9]);
    let pages = [0, 0x2800_1000, 0, 0x1000, 0, 0x2800_2000, 0, 0x1000];
    assert_eq!(cells(files, "reg"), pages);
    assert_eq!(cells(domain, "msi-parent"), cells(files, "phandle"));
    let uart = "/serial@10000000";
    assert_eq!(cells(uart, "interrupt-parent"), cells(domain, "phandle"));
    assert_eq!(cells(uart, "interrupts"), [10, 4]);
    assert_eq!(
        interrupt_parent(&tree.root),
        Some(cells(domain, "phandle")[0])
    );
    // M-mode's are the monitor's.
    let others = ["c000000", "24000000"];
    let others = others.map(|at| {
        tree.find_node(&format!("/interrupt-controller@{at}"))
            .is_none()
    });
    assert_eq!(others, [true; 2]);
}

#[test]
fn an_end_of_a_channel_is_memory_that_is_not_mapped_and_a_node_that_points_at_it() {
    assert!(generated(&linux()).root.child("reserved-memory").is_none());
    let net = |number: u32| VirtualNet {
        number,
        side: 1,
        memory: region(0x8000_0000 + u64::from(number) * 0x10_0000, 0x8_0000),
        slots: 64,
        mtu: 1500,
        crc: number == 0,
        siphash: (number == 0).then_some([[3; 16], [4; 16]]),
        interrupt: vec![0, 176 + number, 1],
        mac: [2, 0x43, 0x46, 0x56, 0, 1],
        address: "10.7.0.1/24".to_owned(),
        neighbour: (number == 0).then(|| "10.7.0.2 02:43:46:56:00:00".to_owned()),
    };
    let owned = Owned {
        channels: vec![net(0), net(1)],
        ..linux()
    };
    let tree = generated(&owned);
    let memory = tree
        .find_node("/reserved-memory/virtualnet@80000000")
        .unwrap();
    assert_eq!(
        memory.property("reg").unwrap().value(),
        [0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0]
    );
    assert_eq!(memory.property("no-map").unwrap().value(), b"");
    let reserved = tree.find_node("/reserved-memory").unwrap();
    assert_eq!(reserved.property("ranges").unwrap().value(), b"");

    let word =
        |node: &DeviceTreeNode, name| node.property(name).unwrap().value_as::<u32>().unwrap();
    let node = tree.find_node("/virtualnet-0").unwrap();
    assert_eq!(word(node, "memory-region"), word(memory, "phandle"));
    assert_eq!(
        node.property("compatible").unwrap().value(),
        b"cofferdam,virtualnet-1\0"
    );
    // SPI, 176, rising edge.
    assert_eq!(
        node.property("interrupts").unwrap().value(),
        [0, 0, 0, 0, 0, 0, 0, 176, 0, 0, 0, 1]
    );
    assert_eq!(word(node, "cofferdam,channel"), 0);
    assert_eq!(word(node, "cofferdam,side"), 1);
    assert_eq!(word(node, "cofferdam,slots"), 64);
    assert_eq!(word(node, "cofferdam,mtu"), 1500);
    assert!(node.property("cofferdam,crc").is_some());
    assert_eq!(
        node.property("cofferdam,mac").unwrap().value(),
        b"siphash\0"
    );
    assert_eq!(
        node.property("security-cofferdam-key").unwrap().value(),
        [[3; 16], [4; 16]].as_flattened()
    );
    assert_eq!(
        node.property("local-mac-address").unwrap().value(),
        [2, 0x43, 0x46, 0x56, 0, 1]
    );
    assert_eq!(
        node.property("cofferdam,address").unwrap().value(),
        b"10.7.0.1/24\0"
    );
    assert_eq!(
        node.property("cofferdam,neighbour").unwrap().value(),
        b"10.7.0.2 02:43:46:56:00:00\0"
    );
    let other = tree.find_node("/virtualnet-1").unwrap();
    assert!(other.property("cofferdam,crc").is_none());
    assert!(other.property("cofferdam,mac").is_none());
    assert!(other.property("security-cofferdam-key").is_none());
    assert!(other.property("cofferdam,neighbour").is_none());
    let of_other = tree
        .find_node("/reserved-memory/virtualnet@80100000")
        .unwrap();
    assert_eq!(word(other, "memory-region"), word(of_other, "phandle"));
    // The interrupt controller had a number of its own before.
    let gic = tree.find_node("/interrupt-controller@8000000").unwrap();
    let mut numbers = [gic, memory, of_other].map(|node| word(node, "phandle"));
    numbers.sort_unstable();
    assert!(numbers.is_sorted_by(|a, b| a < b));
}

#[test]
fn a_driver_of_services_finds_what_may_be_called() {
    let callable = vec![Callable {
        name: "sign".to_owned(),
        function: 0xc200_0005,
        results: 2,
        submitted: true,
        regions: vec![[1, 2, 0x1000, 0, 8], [3, 0, 64, 1, 8]],
    }];
    let told = |interrupt| {
        let callable = callable.clone();
        generated(&Owned {
            services: Services {
                callable,
                interrupt,
            },
            ..linux()
        })
    };
    let tree = told(Some(vec![0, 177, 1]));
    let interrupts = tree.find_node("/services").unwrap().property("interrupts");
    assert_eq!(
        interrupts.unwrap().value(),
        [0, 0, 0, 0, 0, 0, 0, 177, 0, 0, 0, 1]
    );
    let polls = told(None);
    let polls = polls.find_node("/services").unwrap();
    assert!(polls.property("interrupts").is_none());
    let node = tree.find_node("/services/sign").unwrap();
    let cell = |name: &str| node.property(name).unwrap().value_as::<u32>().unwrap();
    assert_eq!(cell("cofferdam,function"), 0xc200_0005);
    assert_eq!(cell("cofferdam,results"), 2);
    assert!(node.property("cofferdam,submitted").is_some());
    let regions = node.property("cofferdam,regions").unwrap();
    assert_eq!(regions.value().len(), 40);
    assert_eq!(regions.value()[20..24], [0, 0, 0, 3]);
    assert!(generated(&linux()).find_node("/services").is_none());
}
