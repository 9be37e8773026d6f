/** The data planes of `keelson proxy`: which flags each takes, and how it is started. */
import { availableParallelism } from 'node:os';
import { type Cidr, type Frontend, frontendKey, parseCidr } from '../../../core/index.ts';
import type { DataPlane } from '../../proxy/data-plane.ts';
import { NftablesPlane } from '../../proxy/nftables/plane.ts';
import { type Mapping, placesFor } from '../../proxy/places.ts';
import type { ListenAddress } from '../../proxy/userspace/listen-address.ts';
import { UserspacePlane } from '../../proxy/userspace/plane.ts';
import type { Flags } from '../flags.ts';

export interface Served {
  readonly plane: DataPlane;
  /** Where a frontend is reached. */
  addressesOf(frontend: Frontend): readonly ListenAddress[];
  /** The kernel deals out connections, at random; else it is done as each Service asks. */
  readonly kernel: boolean;
}

const BACKENDS = ['userspace', 'nftables'] as const;
const MAX_CONNECTIONS = 65_536;
/** What a kernel's table cannot do, or has no need of. */
const USERSPACE_ONLY = ['listen', 'node-address', 'policy', 'threads', 'max-connections'];

/** Reads the flags at once, and starts when it is called. */
export function backendOf(
  flags: Flags,
  host: string,
  mappings: readonly Mapping[],
  onEvent: (words: string) => void,
): () => Promise<Served> {
  const backend = flags.choice('backend', BACKENDS, 'userspace');
  if (backend === 'nftables') {
    const podRanges = podRangesOf(flags);
    for (const name of USERSPACE_ONLY) {
      if (flags.has(name)) throw flags.wrong(name, 'does not go with --backend nftables');
    }
    return () => startNftables(flags.text('node'), podRanges);
  }
  if (flags.has('pod-cidr')) throw flags.wrong('pod-cidr', 'goes with --backend nftables');
  const threads = flags.whole('threads', availableParallelism(), 1, 256);
  const maxConnections = flags.whole('max-connections', MAX_CONNECTIONS, 1);
  return async () => {
    const plane = await UserspacePlane.start({
      placesOf: placesFor(host, mappings),
      threads,
      maxConnections,
      onEvent: ({ type, worker, reason }) => onEvent(`${type} ${worker}${reason ? `: ${reason}` : ''}`),
    });
    return { plane, addressesOf: (frontend) => plane.addressesOf(frontendKey(frontend)), kernel: false };
  };
}

async function startNftables(nodeName: string | undefined, podRanges: readonly Cidr[]): Promise<Served> {
  const plane = await NftablesPlane.start({ podRanges, ...(nodeName !== undefined && { nodeName }) });
  return { plane, addressesOf: ({ address, port }) => [{ host: address, port }], kernel: true };
}

function podRangesOf(flags: Flags): Cidr[] {
  const texts = flags.text('pod-cidr')?.split(',') ?? [];
  return texts.map((text) => {
    const range = parseCidr(text);
    if (!range) throw flags.wrong('pod-cidr', `'${text}' is no range of addresses, as 10.1.0.0/24`);
    return range;
  });
}
