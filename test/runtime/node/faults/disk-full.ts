/**
 * The disk of the data directory fills up under a running cluster: a small tmpfs of the test's own. Writes are refused with
 * the reason, reads go on, containers are taken care of, and when there is room again all that was answered is there.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BUSYBOX_IMAGE, type TestDockerd, WAITS } from '../../../support/dockerd.ts';
import { type Answered, UpProcess } from '../../api/faults/up-process.ts';
import { newFolder } from '../../store/folder.ts';
import { FaultCluster, pause, until } from './cluster.ts';
import { containersOf } from './containers.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const TEXT = 'x'.repeat(20_000);

export interface DiskFullReport {
  /** Writes that were answered with success before, meanwhile and after, and that are all there at the end. */
  answered: number;
  /** Writes that were refused for want of room. */
  refused: number;
  /** Milliseconds from there being room again to the next write that succeeds. */
  resumedMs: number;
  problems: string[];
}

/** @param megabytes of the disk. */
export async function diskFull(dockerd: TestDockerd, { megabytes, awayMs }: { megabytes: number; awayMs: number }) {
  const disk = join(newFolder(), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk]);
  try {
    return await new FullDisk(dockerd, disk).run(awayMs);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
}

class FullDisk {
  readonly #dockerd: TestDockerd;
  readonly #disk: string;
  readonly #dataDir: string;
  /** By name, the last step that was answered. */
  readonly #maps = new Map<string, number>();
  readonly #report: DiskFullReport = { answered: 0, refused: 0, resumedMs: 0, problems: [] };

  constructor(dockerd: TestDockerd, disk: string) {
    this.#dockerd = dockerd;
    this.#disk = disk;
    this.#dataDir = join(disk, 'data');
  }

  async run(awayMs: number): Promise<DiskFullReport> {
    const args = ['--docker-host', this.#dockerd.host];
    let cluster = await FaultCluster.start(this.#dataDir, args);
    const container = { name: 'a', image: BUSYBOX_IMAGE, imagePullPolicy: 'IfNotPresent', command: WAITS };
    await cluster.createPod('p', { containers: [container], terminationGracePeriodSeconds: 1 });
    await cluster.podWhen('p', 'runs', ({ status }) => status?.containerStatuses?.[0].state?.running);
    for (let i = 0; i < 5; i++) await this.#write(cluster.up, `before-${i}`);

    this.#fill();
    for (let i = 0; i < 10_000 && this.#report.refused === 0; i++) await this.#write(cluster.up, `until-full-${i}`);
    this.#expect(this.#report.refused > 0, 'no write was refused');
    await this.#whileFull(cluster, awayMs);
    this.#makeRoom();

    const beganMs = Date.now();
    const { refused } = this.#report;
    while (!(await this.#write(cluster.up, 'after'))) await pause(20);
    this.#report.refused = refused;
    this.#report.resumedMs = Date.now() - beganMs;
    const pod = await cluster.podWhen(
      'p',
      'says that it was restarted',
      ({ status }) => status?.containerStatuses?.[0].restartCount === 1,
    );
    this.#expect(
      pod.status?.containerStatuses?.[0].lastState?.terminated?.exitCode === 137,
      'p does not say how it ended',
    );
    await cluster.createPod('q', { containers: [container], terminationGracePeriodSeconds: 1 });
    await cluster.podWhen('q', 'runs', ({ status }) => status?.phase === 'Running');

    await cluster.up.kill();
    cluster = await FaultCluster.start(this.#dataDir, args);
    await this.#checkAll(cluster.up);
    for (const name of ['p', 'q']) await cluster.deletePod(name);
    await until('nothing is left', async () => ((await this.#containers()).length === 0 ? true : undefined));
    await cluster.up.kill();
    await this.#startOnFullDisk(args);
    return this.#report;
  }

  /** Every write is refused, everything can be read, and a container that is killed starts again. */
  async #whileFull(cluster: FaultCluster, awayMs: number): Promise<void> {
    const { up } = cluster;
    await this.#checkAll(up);
    for (const path of ['/readyz', '/livez']) {
      const text = await up.text(path);
      this.#expect(text.startsWith('ok'), `${path} says ${text}`);
    }
    const [before] = (await this.#containers()).filter(({ name }) => name === 'a');
    await this.#dockerd.docker.getContainer(before.id).kill();
    await until('the container starts again', async () => {
      const running = (await this.#containers()).filter(({ name, running }) => name === 'a' && running);
      return running.length === 1 && running[0].id !== before.id ? true : undefined;
    });
    for (const endMs = Date.now() + awayMs; Date.now() < endMs; await pause(100)) {
      await this.#write(up, 'meanwhile');
      await this.#write(up, 'before-0');
    }
    await this.#checkAll(up);
  }

  /** A cluster cannot start without a byte of room, and says why in a sentence. */
  async #startOnFullDisk(args: readonly string[]): Promise<void> {
    rmSync(this.#dataDir, { recursive: true });
    this.#fill();
    const said = await UpProcess.start(this.#dataDir, args).then(
      async (up) => {
        await up.kill();
        return 'it started';
      },
      ({ message }: Error) => message,
    );
    const isSentence = /ended with 1: .*(full|no space)/is.test(said) && !/\n\s+at /.test(said);
    this.#expect(isSentence, `on a full disk it said: ${said}`);
  }

  #containers() {
    return containersOf(this.#dockerd.docker, this.#dataDir);
  }

  /** Until no byte is left. */
  #fill(): void {
    const file = openSync(join(this.#disk, 'ballast'), 'w');
    for (let size = 1 << 20; size > 0; ) {
      try {
        if (writeSync(file, Buffer.alloc(size)) < size) size >>= 1;
      } catch {
        size >>= 1;
      }
    }
    closeSync(file);
  }

  #makeRoom(): void {
    rmSync(join(this.#disk, 'ballast'));
  }

  /** Whether it was taken. A refusal has a reason that one can act on. */
  async #write(up: UpProcess, name: string): Promise<boolean> {
    const step = (this.#maps.get(name) ?? 0) + 1;
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { step: `${step}`, text: TEXT } };
    const isNew = !this.#maps.has(name);
    const { code, body }: Answered = await up.ask(isNew ? 'POST' : 'PUT', isNew ? MAPS : `${MAPS}/${name}`, map);
    if (code < 300) {
      this.#maps.set(name, step);
      this.#report.answered++;
      return true;
    }
    this.#report.refused++;
    if (code !== 503 || body.reason !== 'ServiceUnavailable' || !/the disk is full/.test(body.message)) {
      this.#report.problems.push(`${name}: refused with ${code} ${body.reason}: ${body.message}`);
    }
    return false;
  }

  async #checkAll(up: UpProcess): Promise<void> {
    const { code, body } = await up.ask('GET', MAPS);
    if (code !== 200) return this.#expect(false, `a list is answered with ${code}`);
    const found = new Map<string, number>(
      body.items.map(({ metadata, data }: { metadata: { name: string }; data: { step: string } }) => [
        metadata.name,
        Number(data.step),
      ]),
    );
    for (const [name, step] of this.#maps) {
      this.#expect(found.get(name) === step, `${name} is at step ${found.get(name)}, where ${step} was answered`);
    }
    const own = [...found.keys()].filter((name) => /^(before|until|mean|after)/.test(name));
    this.#expect(own.length === this.#maps.size, `${own.length} are there, where ${this.#maps.size} were answered`);
  }

  #expect(holds: boolean, problem: string): void {
    if (!holds) this.#report.problems.push(problem);
  }
}
