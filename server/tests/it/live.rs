//! Many devices on real sockets while people send, edit, come and go: whatever is cut and resumed
//! and whenever it is read, every device ends with what a fresh sign-in gets.

mod device;
mod plan;

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{join, join_all};
use proptest::prelude::*;

use crate::harness::Server;
use device::Device;
use plan::{Action, DEVICES, PEOPLE, Plan, ROOMS, Stage, Step, plan};

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_time: 60_000, ..ProptestConfig::with_cases(12) })]

    #[test]
    fn whatever_happens_every_device_ends_with_what_a_fresh_one_gets(plan in plan()) {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap()
            .block_on(run(&plan));
    }
}

async fn run(plan: &Plan) {
    let server = Server::start().await;
    let stage = Stage::begin(&server).await;
    let mut devices: Vec<_> = (0..DEVICES)
        .map(|number| Device::new(stage.people[number % PEOPLE].clone()))
        .collect();
    for wave in plan {
        let steps = stage.run(&wave.steps);
        let reading = join_all(
            devices
                .iter_mut()
                .zip(&wave.actions)
                .map(|(device, action)| act(device, *action)),
        );
        tokio::join!(steps, reading);
    }
    for device in &mut devices {
        device.connect().await;
        device.settle(&server).await;
        device.check(&server).await;
        let mut fresh = Device::new(device.person.clone());
        fresh.connect().await;
        fresh.settle(&server).await;
        fresh.check(&server).await;
        device.agrees_with(&fresh);
    }
}

async fn act(device: &mut Device, action: Action) {
    match action {
        Action::Nothing => {}
        Action::Read => device.read().await,
        Action::Cut => device.cut(),
        Action::Connect => device.connect().await,
        Action::Forget => device.forget(),
    }
}

/// One transaction changes several rooms while others write there: on `PostgreSQL` several writers
/// commit side by side, and what they tell may come out of order.
#[tokio::test(flavor = "multi_thread")]
async fn no_cursor_passes_over_a_rename_in_several_rooms_beside_sends() {
    let server = Server::start().await;
    let stage = Stage::begin(&server).await;
    for room in 0..ROOMS {
        let all: Vec<_> = (0..PEOPLE).map(|who| Step::Join { who, room }).collect();
        stage.run(&all).await;
    }
    let mut devices: Vec<_> = stage.people.iter().cloned().map(Device::new).collect();
    for device in &mut devices {
        device.connect().await;
    }
    let is_over = AtomicBool::new(false);
    let renaming = async {
        for turn in 0..80 {
            // Every name is another one than before.
            let renames = (0..PEOPLE).map(|who| Step::Rename {
                who,
                name: turn % 4,
            });
            stage.run(&renames.collect::<Vec<_>>()).await;
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let sending = join_all((0..ROOMS).map(|room| {
        let (stage, is_over) = (&stage, &is_over);
        async move {
            while !is_over.load(Ordering::Relaxed) {
                let sends: Vec<_> = (0..PEOPLE).map(|who| Step::Send { who, room }).collect();
                stage.run(&sends).await;
            }
        }
    }));
    let reading = join_all(devices.iter_mut().map(async |device| {
        while !is_over.load(Ordering::Relaxed) {
            device.read().await;
        }
    }));
    join(join(renaming, sending), reading).await;
    for device in &mut devices {
        device.settle(&server).await;
        device.check(&server).await;
    }
}
