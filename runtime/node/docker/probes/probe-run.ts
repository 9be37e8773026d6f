/** One probe or hook carried out: by exec, HTTP, TCP or gRPC. Source: Kubernetes v1.36, pkg/probe. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import type {
  V1Container,
  V1ExecAction,
  V1GRPCAction,
  V1HTTPGetAction,
  V1TCPSocketAction,
} from '@kubernetes/client-node';
import type { Engine } from '../engine/engine.ts';
import { grpcHealth } from './grpc-health.ts';

export interface Handler {
  exec?: V1ExecAction;
  httpGet?: V1HTTPGetAction;
  tcpSocket?: V1TCPSocketAction;
  /** Of probes alone. */
  grpc?: V1GRPCAction;
}

export interface Target {
  engine: Engine;
  containerId: string;
  container: V1Container;
  podIP: string;
}

export interface Outcome {
  success: boolean;
  /** Why not, as its event says it. */
  message: string;
}

/** Of a command's output in a message. */
const OUTPUT_LIMIT = 10 * 1024;

/** Never rejects for what the container does. @throws EngineGone */
export function runHandler(handler: Handler, target: Target, timeoutMs: number): Promise<Outcome> {
  const { exec, httpGet, tcpSocket, grpc } = handler;
  if (exec) return runExec(exec.command ?? [], target, timeoutMs);
  if (httpGet) return runHttp(httpGet, target, timeoutMs);
  if (tcpSocket) return runTcp(tcpSocket, target, timeoutMs);
  if (grpc) return grpcHealth({ host: target.podIP, port: grpc.port, service: grpc.service ?? '' }, timeoutMs);
  return Promise.resolve({ success: false, message: 'a handler of no known kind' });
}

async function runExec(
  command: readonly string[],
  { engine, containerId }: Target,
  timeoutMs: number,
): Promise<Outcome> {
  const gone = AbortSignal.timeout(timeoutMs);
  const parts: Buffer[] = [];
  let size = 0;
  const stdout = new Writable({
    write(piece: Buffer, _encoding, done) {
      if (size < OUTPUT_LIMIT) parts.push(piece.subarray(0, OUTPUT_LIMIT - size));
      size += piece.length;
      done();
    },
  });
  const code = await engine.exec(containerId, command, { stdout, stderr: stdout, tty: false, gone, onResize() {} });
  const output = Buffer.concat(parts).toString();
  if (gone.aborted)
    return {
      success: false,
      message: `command timed out: ${JSON.stringify(command.join(' '))} timed out after ${timeoutMs / 1000}s`,
    };
  return { success: code === 0, message: output };
}

function runHttp(action: V1HTTPGetAction, { container, podIP }: Target, timeoutMs: number): Promise<Outcome> {
  const { host, path = '/', scheme = 'HTTP', httpHeaders = [] } = action;
  const secure = scheme.toUpperCase() === 'HTTPS';
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', Connection: 'close' };
  for (const { name, value } of httpHeaders) headers[name] = value;
  const url = `${scheme}://${host || podIP}:${portOf(container, action.port)}${path}`;
  return new Promise((resolve) => {
    const fail = (why: string): void => resolve({ success: false, message: `Get "${url.toLowerCase()}": ${why}` });
    const timeout = setTimeout(() => {
      request.destroy();
      fail('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
    }, timeoutMs);
    const request = (secure ? httpsRequest : httpRequest)(
      {
        host: host || podIP,
        port: portOf(container, action.port),
        path: path.startsWith('/') ? path : `/${path}`,
        headers,
        agent: false,
        // As Go: what ends its lines with a bare line feed is understood.
        insecureHTTPParser: true,
        // As kubelets do: the certificate of a pod is nobody's to check.
        ...(secure && { rejectUnauthorized: false }),
      },
      (response) => {
        clearTimeout(timeout);
        const code = response.statusCode ?? 0;
        response.resume();
        const success = code >= 200 && code < 400;
        resolve({ success, message: success ? '' : `HTTP probe failed with statuscode: ${code}` });
      },
    );
    request.on('error', (error) => {
      clearTimeout(timeout);
      fail(error.message);
    });
    request.end();
  });
}

function runTcp({ host, port }: V1TCPSocketAction, { container, podIP }: Target, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: host || podIP, port: portOf(container, port), timeout: timeoutMs });
    const end = (success: boolean, message = ''): void => {
      socket.destroy();
      resolve({ success, message });
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false, `dial tcp ${host || podIP}:${port}: i/o timeout`));
    socket.once('error', (error) => end(false, error.message));
  });
}

/** A port by number or by its name in the container. */
function portOf({ ports = [] }: V1Container, port: number | string | object): number {
  const named = ports.find(({ name }) => name === port);
  return named?.containerPort ?? Number(port);
}
