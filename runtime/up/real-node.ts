/** The real node of a cluster: an agent over Docker Engine, where one answers. Loaded only then. */
import { hostname } from 'node:os';
import type { KubeObject } from '../../core/index.ts';
import { requestToken } from '../api/auth/tokens/token-request.ts';
import { isMap, valueAt } from '../api/object.ts';
import type { ApiServer } from '../api/server.ts';
import { DockerAgent } from '../node/docker/agent.ts';
import { DockerEngine } from '../node/docker/engine/docker-engine.ts';
import type { PodServices, PodToken } from '../node/docker/pod/parts.ts';
import { DockerStreams } from '../node/docker/streams.ts';
import { asNode } from '../node/node-user.ts';
import type { StreamsByNode } from '../node/streams-by-node.ts';
import type { PodBridge } from '../services/carriers/carrier.ts';

export interface DockerSettings {
  /** 'unix:///var/run/docker.sock', 'tcp://HOST:PORT' or a path. */
  host: string;
  /** Whether pods may ask for a privileged container. */
  allowPrivileged: boolean;
  /** Of this machine, unless told. */
  nodeName?: string;
}

/** The network of the engine's pods, where it has one. */
export function bridgeOf({ host }: DockerSettings): Promise<PodBridge | undefined> {
  return new DockerEngine(host).bridge();
}

/** The node that this machine is, unless another name was told. */
export function nodeNameOf({ nodeName }: DockerSettings): string {
  return nodeName ?? hostname().toLowerCase();
}

/** Registers the node and takes over the pods that are on it; streams of its pods go to the engine. */
export async function startRealNode(
  settings: DockerSettings,
  cluster: {
    server: ApiServer;
    streams: StreamsByNode;
    dataDir: string;
    version: string;
    services?: PodServices;
    apiAddress?: { host: string; port: number };
    problem(error: Error): void;
  },
): Promise<DockerAgent> {
  const { server, streams, dataDir, version, services, apiAddress, problem } = cluster;
  const { host, allowPrivileged } = settings;
  const nodeName = nodeNameOf(settings);
  const engine = new DockerEngine(host);
  const agent = new DockerAgent({
    engine,
    client: asNode(server.client, nodeName),
    nodeName,
    version,
    dataDir,
    allowPrivileged,
    issueToken: tokensOf(server),
    ...(services && { services }),
    ...(apiAddress && { apiAddress }),
    now: Date.now,
    problem,
  });
  streams.add(nodeName, new DockerStreams(engine, dataDir));
  await agent.start();
  return agent;
}

/** Tokens that are good as long as their pod is there. */
function tokensOf({ auth }: ApiServer): PodToken {
  return async (pod, account, audience, expirationSeconds) => {
    const { name, namespace = 'default', uid } = pod.metadata ?? {};
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: account, namespace },
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const answer: KubeObject = await requestToken(request, namespace, account, auth.tokens);
    const token = isMap(answer) ? valueAt(answer, 'status.token') : undefined;
    if (typeof token !== 'string') throw new Error(`no token for service account ${namespace}/${account}`);
    return token;
  };
}
