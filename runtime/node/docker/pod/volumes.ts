/** The volumes of one pod on this machine: made before its containers, kept up to date, gone with it. */
import { chmod, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { V1Container, V1HostPathVolumeSource, V1Pod, V1Volume } from '@kubernetes/client-node';
import { NANO, parseQuantity } from '../../../../core/objects/index.ts';
import type { Engine } from '../engine/engine.ts';
import { OWNER_LABEL, UID_LABEL } from '../engine/labels.ts';
import { writeFiles } from '../spec/atomic-files.ts';
import type { Mounted } from '../spec/container-options.ts';
import { expand } from '../spec/expansion.ts';
import { hostsFile } from '../spec/hosts-file.ts';
import { configProblem, type Lookups, SpecProblem } from '../spec/lookups.ts';
import { type IssueToken, volumeFiles } from '../spec/volume-files.ts';

const TOKEN_RENEWAL_MS = 30 * 60_000;

export interface PodVolumesOptions {
  engine: Engine;
  /** Of this pod: everything below it is ours. */
  directory: string;
  /** Label of all that is this cluster's in the engine. */
  owner: string;
  issueToken: IssueToken;
  now(): number;
}

export class PodVolumes {
  readonly #options: PodVolumesOptions;
  readonly #uid: string;
  readonly #tokens = new Map<string, { text: string; atMs: number }>();

  constructor(uid: string, options: PodVolumesOptions) {
    this.#uid = uid;
    this.#options = options;
  }

  /** Of those in memory, which the engine holds. */
  memoryVolumes({ spec }: V1Pod): string[] {
    return (spec?.volumes ?? []).filter(inMemory).map(({ name }) => this.#memoryName(name));
  }

  /** Makes what is missing and writes what has changed. @throws SpecProblem of reason FailedMount. */
  async ensure(pod: V1Pod, lookups: Lookups): Promise<void> {
    const group = pod.spec?.securityContext?.fsGroup;
    for (const volume of pod.spec?.volumes ?? []) {
      const files = await volumeFiles(pod, volume, lookups, (...request) => this.#token(...request));
      if (files) await writeFiles(this.#pathOf(volume), files, group);
      else if (volume.hostPath) await checkHostPath(volume.hostPath);
      else if (inMemory(volume)) await this.#makeMemory(volume, group);
      else if (volume.emptyDir) await this.#makeEmpty(volume, group);
      else throw new SpecProblem('FailedMount', `volume ${volume.name}: its kind is not known to this node`);
    }
  }

  /** @throws SpecProblem for a mount of no volume. */
  async mounts(pod: V1Pod, container: V1Container, variables: ReadonlyMap<string, string>): Promise<Mounted[]> {
    const mounts: Mounted[] = [];
    for (const { name, mountPath, readOnly, subPath, subPathExpr, mountPropagation } of container.volumeMounts ?? []) {
      const volume = pod.spec?.volumes?.find((one) => one.name === name);
      if (!volume) throw configProblem(`cannot find volume "${name}" to mount into container "${container.name}"`);
      const root = inMemory(volume) ? this.#memoryName(name) : this.#pathOf(volume);
      const below = subPathExpr ? expand(subPathExpr, variables) : (subPath ?? '');
      if (below.split('/').includes('..') || below.startsWith('/')) {
        throw configProblem(`subPath ${JSON.stringify(below)} must lie in its volume`);
      }
      if (below && inMemory(volume))
        throw configProblem(`subPath of volume "${name}", which is in memory, is not mounted`);
      const source = below ? join(root, below) : root;
      if (below && !(await exists(source))) await mkdir(source, { recursive: true });
      const filled = !volume.emptyDir && !volume.hostPath;
      const propagation = { HostToContainer: 'rslave', Bidirectional: 'rshared' }[mountPropagation ?? ''];
      mounts.push({ source, target: mountPath, readOnly: readOnly === true || filled, propagation });
    }
    return mounts;
  }

  /** An empty file for a container's last words. */
  async messageFile(container: string, attempt: number): Promise<string> {
    const directory = join(this.#options.directory, 'containers', container);
    await mkdir(directory, { recursive: true });
    const path = join(directory, String(attempt));
    await writeFile(path, '');
    await chmod(path, 0o666);
    return path;
  }

  /** As it stands when a container starts. @returns its path. */
  async hostsFile(pod: V1Pod, podIP: string): Promise<string> {
    await mkdir(this.#options.directory, { recursive: true });
    const path = join(this.#options.directory, 'etc-hosts');
    const ofNode = pod.spec?.hostNetwork ? await readFile('/etc/hosts', 'utf8') : '';
    await writeFile(path, hostsFile(pod, podIP, ofNode), { mode: 0o644 });
    return path;
  }

  async remove(): Promise<void> {
    await this.#options.engine.removeVolumes(`${UID_LABEL}=${this.#uid}`);
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  #pathOf({ name, hostPath }: V1Volume): string {
    return hostPath?.path ?? join(this.#options.directory, 'volumes', name);
  }

  #memoryName(volume: string): string {
    return `keelson_${this.#uid}_${volume}`;
  }

  async #makeMemory({ name, emptyDir }: V1Volume, group: number | undefined): Promise<void> {
    const limit = emptyDir?.sizeLimit ? Number((parseQuantity(emptyDir.sizeLimit) ?? 0n) / NANO) : undefined;
    const labels = { [OWNER_LABEL]: this.#options.owner, [UID_LABEL]: this.#uid };
    const options = { sizeBytes: limit || undefined, group };
    await this.#options.engine.createMemoryVolume(this.#memoryName(name), options, labels);
  }

  async #makeEmpty(volume: V1Volume, group: number | undefined): Promise<void> {
    const path = this.#pathOf(volume);
    if (await exists(path)) return;
    await mkdir(path, { recursive: true });
    if (group !== undefined) await chown(path, -1, group);
    await chmod(path, group === undefined ? 0o777 : 0o2777);
  }

  /** Asked for once in a while, so that the file does not change with every look. */
  async #token(account: string, audience: string | undefined, seconds: number): Promise<string> {
    const key = `${account}\n${audience ?? ''}\n${seconds}`;
    const known = this.#tokens.get(key);
    const renewMs = Math.min(TOKEN_RENEWAL_MS, seconds * 800);
    const nowMs = this.#options.now();
    if (known && nowMs - known.atMs < renewMs) return known.text;
    const text = await this.#options.issueToken(account, audience, seconds);
    this.#tokens.set(key, { text, atMs: nowMs });
    return text;
  }
}

const inMemory = ({ emptyDir }: V1Volume): boolean => emptyDir?.medium === 'Memory';

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function checkHostPath({ path, type = '' }: V1HostPathVolumeSource): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  const refuse = (what: string): never => {
    throw new SpecProblem('FailedMount', `hostPath type check failed: ${path} is not ${what}`);
  };
  switch (type) {
    case 'DirectoryOrCreate':
      if (!found) await mkdir(path, { recursive: true, mode: 0o755 });
      else if (!found.isDirectory()) refuse('a directory');
      break;
    case 'FileOrCreate':
      if (!found) await writeFile(path, '', { mode: 0o644 });
      else if (!found.isFile()) refuse('a file');
      break;
    case 'Directory':
      if (!found?.isDirectory()) refuse('a directory');
      break;
    case 'File':
      if (!found?.isFile()) refuse('a file');
      break;
    case 'Socket':
      if (!found?.isSocket()) refuse('a socket file');
      break;
    case 'CharDevice':
      if (!found?.isCharacterDevice()) refuse('character device');
      break;
    case 'BlockDevice':
      if (!found?.isBlockDevice()) refuse('block device');
      break;
    default:
      if (!found) await mkdir(path, { recursive: true, mode: 0o755 });
  }
}
