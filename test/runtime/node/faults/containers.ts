/** What an engine has of one cluster, and what it says of it as it happens: beside what the API says, and never through it. */
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import {
  CONTAINER_LABEL,
  OWNER_LABEL,
  SANDBOX_LABEL,
  UID_LABEL,
} from '../../../../runtime/node/docker/engine/labels.ts';

export interface Container {
  id: string;
  podUid: string;
  /** Of the pod's spec, or 'POD' for the sandbox. */
  name: string;
  sandbox: string;
  running: boolean;
  startedAt: string;
}

/** All containers of the cluster whose data directory this is. */
export async function containersOf(docker: Docker, dataDir: string): Promise<Container[]> {
  const listed = await docker.listContainers({ all: true, filters: { label: [`${OWNER_LABEL}=${dataDir}`] } });
  const found = await Promise.all(
    listed.map(({ Id }) =>
      docker
        .getContainer(Id)
        .inspect()
        .catch(() => undefined),
    ),
  );
  return found
    .filter((info) => info !== undefined)
    .map(({ Id, Config, State }) => ({
      id: Id,
      podUid: Config.Labels[UID_LABEL],
      name: Config.Labels[CONTAINER_LABEL],
      sandbox: Config.Labels[SANDBOX_LABEL] ?? Id,
      running: State.Running,
      startedAt: State.StartedAt,
    }));
}

/** How often each container of each pod has been started, as the engine told it. */
export class Starts {
  readonly #counts = new Map<string, number>();
  #stream: Readable | undefined;

  async follow(docker: Docker, dataDir: string): Promise<void> {
    const filters = { type: ['container' as const], event: ['start'], label: [`${OWNER_LABEL}=${dataDir}`] };
    this.#stream = (await docker.getEvents({ filters })) as Readable;
    let rest = '';
    this.#stream.on('error', () => undefined);
    this.#stream.on('data', (piece: Buffer) => {
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((one) => one.trim())) {
        const { [UID_LABEL]: uid, [CONTAINER_LABEL]: name } = JSON.parse(line).Actor.Attributes;
        this.#counts.set(`${uid}/${name}`, this.of(uid, name) + 1);
      }
    });
  }

  of(podUid: string, name: string): number {
    return this.#counts.get(`${podUid}/${name}`) ?? 0;
  }

  /** 'UID/NAME' of those that were started more than once. */
  repeated(): string[] {
    return [...this.#counts].filter(([, count]) => count > 1).map(([key, count]) => `${key} ${count} times`);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  stop(): void {
    this.#stream?.destroy();
  }
}
