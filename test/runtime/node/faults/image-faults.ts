/** Images that are not there, registries that refuse or are away, and logins that are wanted. */
import type { V1Pod } from '@kubernetes/client-node';
import type { TestDockerd } from '../../../support/dockerd.ts';
import { newFolder } from '../../store/folder.ts';
import { FaultCluster, until } from './cluster.ts';
import { type Registry, startRegistry } from './registry.ts';

export interface ImageFaultsReport {
  /** Milliseconds from the first failure of a pull to the pod's running, its registry being well again at once. */
  healedMs: number | undefined;
  problems: string[];
}

interface Case {
  pod: string;
  image(registry: Registry): string;
  policy?: string;
  /** Of the registry while it is pulled. */
  status?: number;
  login?: string;
  /** The waiting reason that comes first, and the one that stays. */
  first: string;
  lasting: string;
  message: RegExp;
  events: RegExp[];
}

const pulled = (why: string): RegExp[] => [
  /^Pulling: Pulling image ".*"$/,
  new RegExp(`^Failed: Failed to pull image ".*": .*${why}`),
  /^Failed: Error: ErrImagePull$/,
  /^BackOff: Back-off pulling image ".*"$/,
  /^Failed: Error: ImagePullBackOff$/,
];
const backOff = (why: string): Pick<Case, 'first' | 'lasting' | 'message' | 'events'> => ({
  first: 'ErrImagePull',
  lasting: 'ImagePullBackOff',
  message: new RegExp(`^Back-off pulling image ".*": ErrImagePull: .*${why}`),
  events: pulled(why),
});

const CASES: Case[] = [
  { pod: 'missing', image: ({ host }) => `${host}/team/web:2`, ...backOff('not found') },
  { pod: 'away', image: () => '127.0.0.1:1/team/web:1', ...backOff('connection refused') },
  { pod: 'failing', image: ({ image }) => image, status: 500, ...backOff('500') },
  { pod: 'forbidden', image: ({ image }) => image, login: 'me:secret', ...backOff('basic auth credentials') },
  {
    pod: 'never',
    image: ({ image }) => image,
    policy: 'Never',
    first: 'ErrImageNeverPull',
    lasting: 'ErrImageNeverPull',
    message: /^Container image ".*" is not present with pull policy of Never$/,
    events: [/^ErrImageNeverPull: Container image ".*" is not present/, /^Failed: Error: ErrImageNeverPull$/],
  },
  {
    pod: 'misspelt',
    image: ({ host }) => `${host}/Team/Web`,
    first: 'InvalidImageName',
    lasting: 'InvalidImageName',
    message: /must be lowercase$/,
    events: [/^InspectFailed: Failed to apply default image tag/, /^Failed: Error: InvalidImageName$/],
  },
];

/** @param heal whether the back-off of a registry that is well again is waited for. */
export async function imageFaults(dockerd: TestDockerd, { heal }: { heal: boolean }): Promise<ImageFaultsReport> {
  const registry = await startRegistry();
  const cluster = await FaultCluster.start(newFolder(), ['--docker-host', dockerd.host]);
  const problems: string[] = [];
  try {
    for (const one of CASES) await refused(cluster, registry, one, problems);
    const beganMs = Date.now();
    // The last of them that waits for this registry.
    const healed = heal ? cluster.podWhen('failing', 'runs', isRunning) : undefined;
    await loggedIn(cluster, registry, problems);
    registry.login = undefined;
    await healed;
    for (const { metadata } of await cluster.pods()) await cluster.deletePod(metadata?.name ?? '', 0);
    await until('nothing is left', async () => ((await cluster.pods()).length === 0 ? true : undefined));
    return { healedMs: heal ? Date.now() - beganMs : undefined, problems };
  } finally {
    await cluster.up.kill('SIGTERM');
    await registry.close();
  }
}

const waitingOf = ({ status }: V1Pod) => status?.containerStatuses?.[0].state?.waiting;
const isRunning = ({ status }: V1Pod): boolean => status?.containerStatuses?.[0].state?.running !== undefined;

async function refused(cluster: FaultCluster, registry: Registry, one: Case, problems: string[]): Promise<void> {
  const { pod, image, policy = 'IfNotPresent', status, login, first, lasting, message, events } = one;
  registry.status = status;
  registry.login = login;
  const container = { name: 'a', image: image(registry), imagePullPolicy: policy };
  await cluster.createPod(pod, { containers: [container], terminationGracePeriodSeconds: 0 });
  const reasons = new Set<string>();
  const found = await cluster.podWhen(pod, lasting, (seen) => {
    const { reason = '' } = waitingOf(seen) ?? {};
    if (reason && reason !== 'ContainerCreating') reasons.add(reason);
    return reason === lasting;
  });
  if (![...reasons].every((reason) => reason === first || reason === lasting)) problems.push(`${pod}: ${[...reasons]}`);
  const said = waitingOf(found)?.message ?? '';
  if (!message.test(said)) problems.push(`${pod}: says ${said}`);
  if (found.status?.phase !== 'Pending') problems.push(`${pod}: is ${found.status?.phase}`);
  let lacking: RegExp[] = events;
  await until('events', async () => {
    const told = (await cluster.eventsOf(pod)).map((event) => `${event.reason}: ${event.message}`);
    lacking = events.filter((wanted) => !told.some((text) => wanted.test(text)));
    return lacking.length === 0 ? true : undefined;
  }).catch(() => problems.push(`${pod}: no event ${lacking}`));
}

/** Wrong logins are tried before the right one; whose secret is not there is told. */
async function loggedIn(cluster: FaultCluster, registry: Registry, problems: string[]): Promise<void> {
  registry.status = undefined;
  registry.login = 'me:secret';
  registry.seen.clear();
  for (const [name, address, auth] of [
    ['wrong', `${registry.host}/team`, 'me:wrong'],
    ['right', registry.host, 'me:secret'],
  ]) {
    const config = { auths: { [address]: { auth: Buffer.from(auth).toString('base64') } } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') };
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      type: 'kubernetes.io/dockerconfigjson',
      data,
    };
    await cluster.create('/api/v1/namespaces/default/secrets', secret);
  }
  const imagePullSecrets = [{ name: 'none' }, { name: 'wrong' }, { name: 'right' }];
  const container = { name: 'a', image: registry.image, imagePullPolicy: 'Always' };
  await cluster.createPod('known', { containers: [container], imagePullSecrets, terminationGracePeriodSeconds: 0 });
  await cluster.podWhen('known', 'runs', isRunning);
  if ([...registry.seen].join() !== 'me:wrong,me:secret') problems.push(`logins that came: ${[...registry.seen]}`);
  const told = (await cluster.eventsOf('known')).map(({ reason }) => reason);
  for (const reason of ['FailedToRetrieveImagePullSecret', 'Pulled', 'Started']) {
    if (!told.includes(reason)) problems.push(`known: no event ${reason} among ${told}`);
  }
}
