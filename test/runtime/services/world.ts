/** A whole cluster over a Docker Engine of the test's own, whose Services are carried; pods answer with their names. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { V1Pod, V1Service } from '@kubernetes/client-node';
import { pack } from 'tar-stream';
import type { KubeObject } from '../../../core/index.ts';
import type { ApiClient } from '../../../runtime/api/client.ts';
import { librariesOf } from '../../../runtime/examples/images/programs.ts';
import { DockerEngine } from '../../../runtime/node/docker/engine/docker-engine.ts';
import { DockerStreams } from '../../../runtime/node/docker/streams.ts';
import type { ProxyMode } from '../../../runtime/services/carriers/choose.ts';
import { type RunningCluster, startCluster } from '../../../runtime/up/cluster.ts';
import { addBusybox, importArchive, type TestDockerd } from '../../support/dockerd.ts';

const OPENSSL = '/usr/bin/openssl';
/** busybox, and TLS. */
const IMAGE = 'keelson-tls:1';
const PODS = { group: '', resource: 'pods' };
const SERVICES = { group: '', resource: 'services' };
const DEPLOYMENTS = { group: 'apps', resource: 'deployments' };
/** Answers at 8080 with its name, and ends at once when it is asked to. */
const SERVE = 'mkdir /www; hostname > /www/index.html; trap "exit 0" TERM; httpd -p 8080 -h /www; sleep 1000 & wait';

export class World {
  readonly #dockerd: TestDockerd;
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'keelson-services-'));
  readonly problems: Error[] = [];
  cluster!: RunningCluster;

  constructor(dockerd: TestDockerd) {
    this.#dockerd = dockerd;
  }

  get client(): ApiClient {
    return this.cluster.server.client;
  }

  async start(proxy: ProxyMode, more: { nodes?: number } = {}): Promise<void> {
    const archive = pack();
    addBusybox(archive);
    for (const path of [OPENSSL, ...librariesOf(OPENSSL)])
      archive.entry({ name: path.slice(1), mode: 0o755 }, readFileSync(path));
    await importArchive(this.#dockerd.docker, archive, IMAGE, ['ENV PATH=/bin:/usr/bin']);
    this.cluster = await startCluster({
      dataDir: this.#dataDir,
      store: 'lmdb',
      host: '127.0.0.1',
      port: 0,
      insecure: false,
      nodes: 0,
      docker: { host: this.#dockerd.host, allowPrivileged: false, nodeName: 'real' },
      proxy,
      problem: (error) => void this.problems.push(error),
      ...more,
    });
  }

  async close(): Promise<void> {
    await this.cluster?.stop();
    await this.#dockerd.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  async until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    const end = Date.now() + 40_000;
    while (Date.now() < end) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await new Promise((next) => setTimeout(next, 25));
    }
    const pods = ([...this.client.view.list('', 'pods', 'default')] as unknown as V1Pod[]).map(
      ({ metadata, status }) => `${metadata?.name} ${status?.phase} ${status?.podIP}`,
    );
    throw new Error(`${what} did not come about; ${this.problems.map(String)} ${pods.join('; ')}`);
  }

  /** Pods with the label app, ready once they answer. */
  async deploy(name: string, replicas: number, podSpec: object = {}): Promise<void> {
    const container = {
      name: 'a',
      image: IMAGE,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', SERVE],
      readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
    };
    const spec = { terminationGracePeriodSeconds: 5, containers: [container], ...podSpec };
    await this.client.create(DEPLOYMENTS, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec },
      },
    } as unknown as KubeObject);
    await this.until(`${replicas} pods of ${name} ready`, () => this.ready(name).length === replicas);
  }

  /** @returns where it is reached. */
  async expose(name: string, more: object = {}): Promise<{ clusterIP: string; nodePort: number }> {
    const made = (await this.client.create(SERVICES, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...more },
    } as unknown as KubeObject)) as unknown as V1Service;
    return { clusterIP: made.spec?.clusterIP ?? '', nodePort: made.spec?.ports?.[0].nodePort ?? 0 };
  }

  pods(app: string): V1Pod[] {
    const all = [...this.client.view.list('', 'pods', 'default')] as unknown as V1Pod[];
    return all.filter(({ metadata }) => metadata?.labels?.app === app);
  }

  ready(app: string): V1Pod[] {
    return this.pods(app).filter(
      ({ status, metadata }) =>
        !metadata?.deletionTimestamp && status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True',
    );
  }

  async delete(pod: V1Pod): Promise<void> {
    const { name = '', uid } = pod.metadata ?? {};
    await this.client.delete(PODS, 'default', name);
    await this.until(`${name} gone`, () => this.client.view.get('', 'pods', 'default', name)?.metadata.uid !== uid);
  }

  /** What a command in the first container of a pod prints; its code where it fails. */
  async run(pod: V1Pod, script: string): Promise<string> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const streams = new DockerStreams(new DockerEngine(this.#dockerd.host), this.#dataDir);
    const container = pod.spec?.containers[0].name ?? '';
    const gone = new AbortController().signal;
    const io = { stdout, stderr, tty: false, gone, onResize() {} };
    const code = await streams.exec(pod as unknown as KubeObject, container, ['sh', '-c', script], io);
    const text = String(stdout.read() ?? '').trim();
    return code === 0 ? text : `${code}: ${text}${String(stderr.read() ?? '').trim()}`;
  }

  /** Asks without a pause, each time by a connection of its own, while `work` goes on. */
  async under(host: string, port: number, work: () => Promise<void>): Promise<{ asked: number; failures: string[] }> {
    let [asked, stopped] = [0, false];
    const failures: string[] = [];
    const clients = Array.from({ length: 4 }, async () => {
      while (!stopped) {
        await ask(host, port).catch((error: Error) => failures.push(error.message));
        asked++;
      }
    });
    try {
      await work();
    } finally {
      stopped = true;
      await Promise.all(clients);
    }
    return { asked, failures };
  }
}

/** The name of the pod that answered. */
export function ask(host: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = get({ host, port, agent: false, timeout: 5000 }, (response) => {
    let text = '';
    response.on('data', (part) => (text += part));
    response.on('end', () => {
      if (response.statusCode === 200) resolve(text.trim());
      else reject(new Error(`status ${response.statusCode}`));
    });
    response.on('error', reject);
  });
  request.on('timeout', () => request.destroy(new Error('no answer in time')));
  request.on('error', reject);
  return promise;
}

/** Why nobody answers there: 'ECONNREFUSED'. */
export async function refusal(host: string, port: number): Promise<string | undefined> {
  try {
    return `answered by ${await ask(host, port)}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
