/**
 * A Docker Engine of the test's own: its own data, socket and containers, and images built from busybox. Where none can
 * be started the tests that need it say so and are skipped; with CI=true they fail, unless KEELSON_NO_DOCKER=1.
 */
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { type Pack, pack } from 'tar-stream';

const run = promisify(execFile);
const START_MS = 20_000;

export const BUSYBOX_IMAGE = 'keelson-busybox:1';
/** Runs until it is asked to end, and then ends at once: as process 1, `sleep` alone would not hear. */
export const WAITS = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'];

export interface TestDockerd {
  /** 'unix:///tmp/…/docker.sock' */
  host: string;
  docker: Docker;
  /** SIGTERM: it ends its containers, unless they are to live on, and itself. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** All containers are removed, it is ended, and its files go. */
  close(): Promise<void>;
}

/** Why none can run here; undefined when one can. */
function lacking(): string | undefined {
  if (process.env.KEELSON_NO_DOCKER === '1') return 'KEELSON_NO_DOCKER=1';
  if (process.getuid?.() !== 0) return 'dockerd needs root';
  for (const program of ['/usr/sbin/dockerd', '/usr/bin/busybox']) {
    if (!existsSync(program) && !existsSync(program.replace('/usr', ''))) return `${program} is absent`;
  }
  return undefined;
}

/**
 * undefined, said aloud, where none can be started. @throws Error then with CI=true.
 * @param liveRestore containers run on while it is stopped.
 * @param flags further ones of dockerd's.
 */
export async function startDockerd({
  liveRestore = false,
  flags = [] as readonly string[],
} = {}): Promise<TestDockerd | undefined> {
  let why = lacking();
  if (why === undefined) {
    const dockerd = new OwnDockerd([...flags, ...(liveRestore ? ['--live-restore'] : [])]);
    try {
      await dockerd.start();
      await importBusybox(dockerd.docker);
      return dockerd;
    } catch (error) {
      why = (error as Error).message;
      await dockerd.close();
    }
  }
  if (process.env.CI === 'true' && process.env.KEELSON_NO_DOCKER !== '1') {
    throw new Error(`no Docker Engine for the tests (KEELSON_NO_DOCKER=1 does without): ${why}`);
  }
  console.log(`skipped, as no Docker Engine can be started: ${why}`);
  return undefined;
}

/** Engines share docker0: each gives its containers addresses of a part of its own, so that none has another's. */
function ownAddresses(): string[] {
  const listed = spawnSync('ip', ['-4', '-o', 'addr', 'show', 'docker0'], { encoding: 'utf8' }).stdout ?? '';
  // A bridge that has been made with other addresses is left as it is.
  if (/ inet /.test(listed) && !listed.includes(' 172.17.0.1/16 ')) return [];
  return ['--bip', '172.17.0.1/16', '--fixed-cidr', `172.17.${1 + ((process.pid + engines++) % 250)}.0/24`];
}

/** Made by this process. */
let engines = 0;

/**
 * An engine that starts takes out the chains of iptables that it finds and makes them anew; two at it at once take each other's.
 * Resolves when no other test starts one; the lock ends with this process at the latest. @returns gives it to the next.
 */
async function startingAlone(): Promise<() => void> {
  const holder = spawn('flock', [join(tmpdir(), 'keelson-test-dockerd.lock'), 'sh', '-c', 'echo mine; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve);
    holder.once('error', reject);
    holder.once('exit', (code) => reject(new Error(`flock ended with ${code}`)));
  });
  return () => holder.stdin.end();
}

class OwnDockerd implements TestDockerd {
  // Short: the path of a socket has 107 characters at most.
  readonly #folder = mkdtempSync(join(tmpdir(), 'kdock-'));
  readonly host = `unix://${this.#folder}/s`;
  readonly docker = new Docker({ socketPath: `${this.#folder}/s` });
  readonly #addresses = ownAddresses();
  readonly #flags: readonly string[];
  #process: ReturnType<typeof spawn> | undefined;

  constructor(flags: readonly string[]) {
    this.#flags = flags;
  }

  async start(): Promise<void> {
    const done = await startingAlone();
    try {
      await this.#startNow();
    } finally {
      done();
    }
  }

  async #startNow(): Promise<void> {
    rmSync(`${this.#folder}/pid`, { force: true });
    const log = openSync(`${this.#folder}/log`, 'a');
    const flags = ['--data-root', 'data', '--exec-root', 'exec', '--pidfile', 'pid'];
    const paths = flags.map((flag) => (flag.startsWith('--') ? flag : `${this.#folder}/${flag}`));
    // It ends when this process does, however that comes.
    this.#process = spawn(
      'setpriv',
      [
        ...['--pdeathsig', 'TERM', 'dockerd', ...paths, '-H', this.host, '--shutdown-timeout', '3'],
        ...this.#addresses,
        ...this.#flags,
      ],
      {
        stdio: ['ignore', log, log],
        detached: true,
      },
    );
    this.#process.on('error', () => undefined);
    const until = Date.now() + START_MS;
    while (Date.now() < until && this.#process.exitCode === null) {
      const answers = await this.docker.ping().catch(() => undefined);
      if (answers) return;
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`dockerd did not start: ${readFileSync(`${this.#folder}/log`, 'utf8').slice(-1000)}`);
  }

  async stop(): Promise<void> {
    await this.#end();
    if (!this.#flags.includes('--live-restore')) this.#killRest();
  }

  async close(): Promise<void> {
    const left = await this.docker.listContainers({ all: true }).catch(() => []);
    for (const { Id } of left)
      await this.docker
        .getContainer(Id)
        .remove({ force: true, v: true })
        .catch(() => undefined);
    await this.#end();
    this.#killRest();
    // The engine's own mounts, which a killed one leaves behind.
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.filter((path) => path.startsWith(`${this.#folder}/`)).reverse()) {
      await run('umount', ['-l', mount]).catch(() => undefined);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** One that did not end well leaves its containerd and the containers' shims. */
  #killRest(): void {
    for (const pid of processesOf(this.#folder)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Has ended by itself meanwhile.
      }
    }
  }
}

/** Of this engine's: its own programs, with the folder in their command line. Others name it too, as its clients. */
function processesOf(folder: string): number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const own = /^\s*\d+ (\S*\/)?(dockerd|containerd|containerd-shim\S*|runc|docker-proxy) /;
  return listed
    .filter((line) => own.test(line) && line.includes(`${folder}/`))
    .map((line) => Number.parseInt(line, 10));
}

/** A root file system with every program of busybox, `sh` by default. */
export async function importBusybox(docker: Docker, name = BUSYBOX_IMAGE): Promise<void> {
  const archive = pack();
  addBusybox(archive);
  await importArchive(docker, archive, name, ['CMD ["sh"]', 'ENV PATH=/bin']);
}

/** Every program of busybox in /bin, and the directories that containers expect. */
export function addBusybox(archive: Pack): void {
  const busybox = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path)) ?? 'busybox';
  for (const directory of ['bin', 'tmp', 'etc', 'root']) {
    archive.entry({ name: directory, type: 'directory', mode: directory === 'tmp' ? 0o1777 : 0o755 });
  }
  archive.entry({ name: 'etc/passwd' }, 'root:x:0:0:root:/root:/bin/sh\n');
  archive.entry({ name: 'bin/busybox', mode: 0o755 }, readFileSync(busybox));
  const programs = execFileSync(busybox, ['--list'], { encoding: 'utf8' })
    .split('\n')
    .filter((one) => one && one !== 'busybox');
  for (const program of programs) archive.entry({ name: `bin/${program}`, type: 'symlink', linkname: 'busybox' });
}

/** Ends the archive. @param changes as in a Dockerfile. */
export async function importArchive(
  docker: Docker,
  archive: Pack,
  name: string,
  changes: readonly string[],
): Promise<void> {
  archive.finalize();
  const [repo, tag] = name.split(':');
  const options = { repo, tag, changes };
  const progress = await docker.importImage(archive as unknown as string, options as unknown as object);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}
