/**
 * An example from beginning to end, in a cluster of its own on a Docker Engine: brought up, called through its Service,
 * rolled under load, taken down. Nothing of it stays: no container, no image that was not there, no file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerEngine } from '../../node/docker/engine/docker-engine.ts';
import { OWNER_LABEL } from '../../node/docker/engine/labels.ts';
import { PAUSE_IMAGE } from '../../node/docker/engine/pause-image.ts';
import { type RunningCluster, startCluster } from '../../up/cluster.ts';
import { ensureImage, NGINX } from '../images/build.ts';
import { ask, ConstantLoad, type LoadCounts, type LoadTarget } from './load.ts';
import { Web } from './web.ts';

export interface TourOptions {
  /** Of the engine. */
  host: string;
  /** Ends the tour early: what there is of it is taken down all the same. */
  signal: AbortSignal;
  requestsPerSecond: number;
  /** Told as each step is over. */
  over(step: Step): void;
}

export interface Step {
  what: string;
  tookMs: number;
}

export interface Tour {
  /** 'Docker Engine 20.10.24' */
  engine: string;
  steps: Step[];
  /** While all pods were replaced. */
  load: LoadCounts;
}

const LIMIT_MS = 30_000;
const LOOK_MS = 25;

/** This machine or its engine has not what a tour needs. */
export class TourImpossible extends Error {}

/** @throws TourImpossible, the signal's reason, or an Error that says which step did not come about. */
export async function takeTour(options: TourOptions): Promise<Tour> {
  const { host, signal } = options;
  const engine = new DockerEngine(host);
  const dataDir = mkdtempSync(join(tmpdir(), 'keelson-tour-'));
  const steps = new Steps(options);
  const brought = new Set<string>();
  let cluster: RunningCluster | undefined;
  try {
    for (const name of [PAUSE_IMAGE, NGINX.name]) if (!(await engine.image(name))) brought.add(name);
    await steps.first(`image ${NGINX.name} there`, () => ensureImage(engine, NGINX));
    cluster = await steps.first('cluster up', () => up(dataDir, host));
    const web = new Web(cluster.server.client, signal);
    const load = await throughLife(web, options, steps);
    await steps.take('taken down', () => web.remove(LIMIT_MS));
    return { engine: `Docker Engine ${(await engine.facts()).version}`, steps: steps.taken, load };
  } finally {
    await end(cluster, engine, dataDir, brought);
  }
}

class Steps {
  readonly taken: Step[] = [];
  readonly #options: TourOptions;

  constructor(options: TourOptions) {
    this.#options = options;
  }

  async take<T>(what: string, doIt: () => Promise<T>): Promise<T> {
    this.#options.signal.throwIfAborted();
    const began = performance.now();
    const answer = await doIt();
    const step = { what, tookMs: performance.now() - began };
    this.taken.push(step);
    this.#options.over(step);
    return answer;
  }

  /** One without which there is no tour. @throws TourImpossible when it fails. */
  first<T>(what: string, doIt: () => Promise<T>): Promise<T> {
    return this.take(what, async () => {
      try {
        return await doIt();
      } catch (error) {
        throw new TourImpossible((error as Error).message, { cause: error });
      }
    });
  }
}

function up(dataDir: string, host: string): Promise<RunningCluster> {
  return startCluster({
    dataDir,
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    insecure: true,
    nodes: 0,
    docker: { host, allowPrivileged: false },
    proxy: 'auto',
    nodePortAddress: '127.0.0.1',
    // What hinders a step is told by the step.
    problem: () => undefined,
  });
}

async function throughLife(web: Web, { requestsPerSecond }: TourOptions, steps: Steps): Promise<LoadCounts> {
  await steps.take('applied, three pods ready', async () => {
    await web.apply();
    await web.rolledOut(LIMIT_MS);
  });
  const target = await steps.take('first answer through the Service', async () => {
    const place = web.target();
    await web.until('the Service answers', LIMIT_MS, async () => answers(place));
    return place;
  });
  const load = new ConstantLoad(target, requestsPerSecond);
  try {
    await steps.take(`rolled to v2 under ${requestsPerSecond} requests/s`, async () => {
      await web.roll('v2');
      await web.rolledOut(LIMIT_MS);
      await web.settled(LIMIT_MS);
    });
  } catch (error) {
    await load.stop();
    throw error;
  }
  return load.stop();
}

async function answers(place: LoadTarget): Promise<boolean> {
  return ask(place).then(
    () => true,
    () => false,
  );
}

/** Whatever there is of it goes, wherever it was when it ended. */
async function end(
  cluster: RunningCluster | undefined,
  engine: DockerEngine,
  dataDir: string,
  brought: ReadonlySet<string>,
): Promise<void> {
  const left = (): Promise<{ id: string }[]> => engine.containers([`${OWNER_LABEL}=${dataDir}`]);
  if (cluster) {
    await new Web(cluster.server.client, new AbortController().signal).remove(LIMIT_MS);
    // The node removes containers when their pods have gone.
    const until = Date.now() + LIMIT_MS;
    while ((await left()).length > 0 && Date.now() < until) await new Promise((next) => setTimeout(next, LOOK_MS));
    await cluster.stop();
    for (const { id } of await left()) await engine.remove(id);
  }
  for (const name of brought) await engine.removeImage(name);
  rmSync(dataDir, { recursive: true, force: true });
}
