/** Pods that run on the engine: made, waited for, asked. */
import * as assert from 'uvu/assert';
import WebSocket from 'ws';
import type { Check } from '../row.ts';
import { AGNHOST_IMAGE } from './agnhost/image.ts';
import { isReady, turned } from './pods.ts';
import { type Body, held } from './resource.ts';

/** Runs until it is told to end, and then ends at once: as process 1, `sleep` alone would not hear. */
export const WAITS = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000 & wait'];

/** Says its host name, its client and what it was asked, on 8080 (HTTP) and 8081 (UDP); /healthz until `--healthy-seconds`. */
export const netexec = (...flags: string[]): string[] => ['agnhost', 'netexec', ...flags];

/** @param command of a shell, or its words. */
export function containerOf(name: string, command: string | readonly string[] | undefined, more: object = {}): Body {
  const words = typeof command === 'string' ? ['sh', '-c', command] : command;
  return { name, image: AGNHOST_IMAGE, ...(words && { command: words }), ...more };
}

/** Its containers are not started again unless `spec` says so; it goes within a second. */
export function podWith(name: string, containers: readonly Body[], spec: object = {}, metadata: object = {}): Body {
  const own = { terminationGracePeriodSeconds: 1, restartPolicy: 'Never' };
  return { metadata: { name, ...metadata }, spec: { ...own, containers, ...spec } };
}

/** @returns the pod, ready. */
export async function ready(check: Check, pod: Body): Promise<Body> {
  const pods = check.namespaced('v1', 'pods');
  await pods.create(pod);
  return turned(pods, pod.metadata.name, 'is ready', isReady);
}

/** @returns the pod, in that phase. */
export function inPhase(check: Check, name: string, phase: string): Promise<Body> {
  return turned(check.namespaced('v1', 'pods'), name, `is ${phase}`, ({ status }) => status.phase === phase);
}

/** Makes a pod and waits until it has succeeded. @returns its log */
export async function runToEnd(check: Check, pod: Body): Promise<string> {
  const pods = check.namespaced('v1', 'pods');
  const { name } = (await pods.create(pod)).metadata;
  const ended = await turned(pods, name, 'has ended', ({ status }) => /Succeeded|Failed/.test(status.phase));
  const log = await logOf(check, name, pod.spec.containers[0].name);
  assert.is(ended.status.phase, 'Succeeded', `${JSON.stringify(ended.status)} ${log}`);
  return log;
}

/** Of a shell command in a container of its own, run to its end. @param more of the container. */
export function printed(
  check: Check,
  command: string | undefined,
  more: object = {},
  spec: object = {},
  metadata = {},
) {
  return runToEnd(check, podWith('prints', [containerOf('main', command, more)], spec, metadata));
}

export async function logOf(check: Check, pod: string, container?: string, query = ''): Promise<string> {
  const path = `${check.namespaced('v1', 'pods').path}/${pod}/log?${container ? `container=${container}&` : ''}${query}`;
  const answer = await check.api.get(path);
  assert.is(answer.code, 200, answer.text);
  return answer.text;
}

/** Waits until the container has said it. */
export async function says(check: Check, pod: string, container: string, what: RegExp): Promise<string> {
  let log = '';
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((next) => setTimeout(next, 100))) {
    log = await logOf(check, pod, container);
    if (what.test(log)) return log;
  }
  throw new Error(`${pod}/${container} does not say ${what} but ${JSON.stringify(log)}`);
}

export interface Said {
  /** -1 where it could not be run. */
  code: number;
  /** stdout */
  out: string;
  err: string;
}

/** A command in a container that runs, over a raw WebSocket. @param command of a shell, or its words. */
export async function inside(
  check: Check,
  pod: string,
  command: string | readonly string[],
  container?: string,
): Promise<Said> {
  const words = typeof command === 'string' ? ['sh', '-c', command] : command;
  const query = new URLSearchParams({ stdout: 'true', stderr: 'true', ...(container && { container }) });
  for (const word of words) query.append('command', word);
  const socket = openSocket(check, `${check.namespaced('v1', 'pods').path}/${pod}/exec?${query}`, 'v4.channel.k8s.io');
  const parts: Buffer[][] = [[], [], [], []];
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => parts[data[0]]?.push(data.subarray(1)));
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
  const [, out, err, verdict] = parts.map((pieces) => Buffer.concat(pieces).toString());
  const status = verdict === '' ? { status: 'Failure', message: 'no verdict' } : JSON.parse(verdict);
  const cause = status.details?.causes?.find(({ reason }: Body) => reason === 'ExitCode');
  const code = status.status === 'Success' ? 0 : Number(cause?.message ?? -1);
  return { code, out, err: code === -1 ? `${err}${status.message}` : err };
}

/** @returns stdout of a command that has to succeed. */
export async function outputInside(
  check: Check,
  pod: string,
  command: string | readonly string[],
  container?: string,
): Promise<string> {
  const { code, out, err } = await inside(check, pod, command, container);
  assert.is(code, 0, `${command}: ${out}${err}`);
  return out;
}

/** Of the API, as the administrator. */
export function openSocket({ cluster, api }: Check, path: string, protocol: string): WebSocket {
  const { authority, adminToken } = cluster.server.auth;
  return new WebSocket(api.url.replace(/^http/, 'ws') + path, protocol, {
    ca: authority.pair.certificate,
    headers: { authorization: `Bearer ${adminToken}` },
  });
}

/** Of one container, by its name. */
export function statusOf({ status }: Body, name = 'main'): Body {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return [...all, ...(status.ephemeralContainerStatuses ?? [])].find((one: Body) => one.name === name) ?? {};
}

export function conditionOf({ status }: Body, type: string): Body {
  return (status.conditions ?? []).find((one: Body) => one.type === type) ?? {};
}

export async function configMap(check: Check, name: string, data: object, more: object = {}): Promise<Body> {
  return check.namespaced('v1', 'configmaps').create({ metadata: { name }, data, ...more });
}

export async function secret(check: Check, name: string, stringData: object, namespace?: string): Promise<Body> {
  return check.namespaced('v1', 'secrets', namespace).create({ metadata: { name }, stringData });
}

/** Where the real node is reached. */
export async function nodeAddress(check: Check): Promise<string> {
  const { items } = held(await check.api.get('/api/v1/nodes'), 200);
  return items[0].status.addresses.find(({ type }: Body) => type === 'InternalIP').address;
}
