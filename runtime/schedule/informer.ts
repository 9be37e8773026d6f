/** One follower of one kind, from its start to its stop; who follows the same kind by the same client shares the watch. */
import type { ApiClient, ResourceName } from '../api/client.ts';
import { type FollowedKind, type Follower, followedKind } from './followed-kind.ts';

export type { Follower } from './followed-kind.ts';

export class Informer {
  readonly #client: ApiClient;
  readonly #resource: ResourceName;
  /** One of its own: the same follower may follow several kinds, and the same one twice. */
  readonly #follower: Follower;
  #kind: FollowedKind | undefined;
  #stopped = false;

  constructor(client: ApiClient, resource: ResourceName, follower: Follower) {
    this.#client = client;
    this.#resource = resource;
    this.#follower = {
      changed: (object, old) => follower.changed(object, old),
      gone: (object) => follower.gone(object),
      told: () => follower.told?.(),
    };
  }

  /** Resolves when all that is there has been told. Rejects when the first list is refused. */
  async start(): Promise<void> {
    if (this.#stopped) return;
    this.#kind = followedKind(this.#client, this.#resource);
    await this.#kind.follow(this.#follower);
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#stopped = true;
    this.#kind?.leave(this.#follower);
  }
}
