/**
 * `pods/NAME/proxy/…` and `services/NAME/proxy/…`: a request of HTTP that goes on to a pod, and what comes back.
 * Source: Kubernetes v1.36, pkg/registry/core/{pod,service}/storage, apimachinery/pkg/util/proxy/upgradeaware.go.
 */
import { type IncomingMessage, type OutgoingHttpHeaders, request as send } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node';
import type { KubeObject } from '../../../core/index.ts';
import type { PodStreams } from '../../node/pod-streams.ts';
import type { Call, ConnectHandler } from '../http/call.ts';
import { badRequest, unavailable } from '../http/status.ts';
import type { ObjectsView } from '../objects-view.ts';

/** Where a request goes on to. */
interface Destination {
  secure: boolean;
  host: string;
  port: number;
  open(): Duplex;
}

/** [scheme:]NAME[:port] */
export interface ProxyName {
  scheme: string;
  name: string;
  port: string;
}

const PLACE = /^\/api\/v1\/namespaces\/[^/]+\/(?:pods|services)\/[^/]+\/proxy([^?]*)(\?.*)?$/;
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** @throws 400 for what is no such name. */
export function proxyName(text: string): ProxyName {
  const parts = text.split(':');
  if (parts.length === 1) return { scheme: '', name: text, port: '' };
  const [scheme, name, port] = parts.length === 2 ? ['', ...parts] : parts;
  if (parts.length > 3 || !['', 'http', 'https'].includes(scheme) || name === '') {
    throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  }
  return { scheme, name, port };
}

export function proxyHandlers(streams: PodStreams, view: ObjectsView): [string, ConnectHandler][] {
  const nameOf = (text: string): string => proxyName(text).name;
  return [
    ['pods/proxy', { nameOf, respond: (call, pod) => passOn(call, toPod(call, pod, streams)) }],
    ['services/proxy', { nameOf, respond: (call, service) => passOn(call, toService(call, service, streams, view)) }],
  ];
}

// --- where to ---------------------------------------------------------------------------------------------------------

function toPod({ info }: Call, object: KubeObject, streams: PodStreams): Destination {
  const { spec, status } = object as unknown as V1Pod;
  const { scheme, port } = proxyName(info.name);
  const first = spec?.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort;
  const number = Number(port || (first ?? 80));
  if (!(number > 0 && number < 65_536)) throw badRequest(`invalid port ${JSON.stringify(port)}`);
  if (!status?.podIP) throw badRequest('address not allowed');
  return {
    secure: scheme === 'https',
    host: status.podIP,
    port: number,
    open: () => forwarded(streams, object, number),
  };
}

function toService({ info }: Call, object: KubeObject, streams: PodStreams, view: ObjectsView): Destination {
  const { spec, metadata } = object as unknown as V1Service;
  const { scheme, name, port } = proxyName(info.name);
  const ports = spec?.ports ?? [];
  // A port is meant by its name or its number; without either, the one without a name, or the only one.
  const asked = ports.find((one) => (port === '' ? !one.name || ports.length === 1 : portIs(one, port)));
  if (!asked) throw unavailable(`no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  const namespace = metadata?.namespace ?? '';
  const ready = [...view.list('discovery.k8s.io', 'endpointslices', namespace)].flatMap((slice) =>
    endpointsOf(slice as unknown as V1EndpointSlice, name, asked.name ?? ''),
  );
  if (ready.length === 0) throw unavailable(`no endpoints available for service ${JSON.stringify(info.name)}`);
  const { host, number, pod } = ready[Math.floor(Math.random() * ready.length)];
  const target = pod === undefined ? undefined : view.get('', 'pods', namespace, pod);
  return {
    secure: scheme === 'https',
    host,
    port: number,
    open: () => (target ? forwarded(streams, target, number) : connectTcp({ host, port: number })),
  };
}

function portIs({ name, port }: { name?: string; port: number }, asked: string): boolean {
  return name === asked || String(port) === asked;
}

function endpointsOf({ metadata, endpoints, ports }: V1EndpointSlice, service: string, portName: string) {
  if (metadata?.labels?.['kubernetes.io/service-name'] !== service) return [];
  const port = ports?.find(({ name }) => (name ?? '') === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready !== false)
    .map(({ addresses, targetRef }) => {
      return { host: addresses[0], number: port, pod: targetRef?.kind === 'Pod' ? targetRef.name : undefined };
    });
}

/** The node of the pod carries the bytes: it may be the only one that reaches it. */
function forwarded(streams: PodStreams, pod: KubeObject, port: number): Duplex {
  const [near, far] = duplexPair();
  far.on('error', () => far.destroy());
  streams.forward(pod, port, far).then(
    () => far.destroy(),
    (error: Error) => near.destroy(error),
  );
  return near;
}

// --- the request ------------------------------------------------------------------------------------------------------

async function passOn({ request, response }: Call, to: Destination): Promise<void> {
  const [, path = '', query = ''] = PLACE.exec(request.url ?? '') ?? [];
  if (path === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    // So that what the page links to lies below it.
    const here = (request.url ?? '').split('?')[0];
    response.writeHead(301, { Location: `${here}/${query}` }).end();
    return;
  }
  const answer = await answerOf(request, to, `${path || '/'}${query}`);
  response.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
  await new Promise<void>((resolve) => {
    // Its client is told of a broken answer by a broken connection.
    answer.once('error', () => response.destroy());
    response.once('close', () => {
      answer.destroy();
      resolve();
    });
    answer.pipe(response);
  });
}

function answerOf(request: IncomingMessage, to: Destination, path: string): Promise<IncomingMessage> {
  const { authorization: _, ...headers } = withoutHops(request.headers);
  return new Promise((resolve, reject) => {
    const onward = send({
      method: request.method,
      path,
      headers: { ...headers, host: `${to.host}:${to.port}`, connection: 'close', ...forwardedFor(request) },
      // As Go: what ends its lines with a bare line feed is understood.
      insecureHTTPParser: true,
      // As Kubernetes does: the certificate of a pod is nobody's to check.
      createConnection: () => (to.secure ? connectTls({ socket: to.open(), rejectUnauthorized: false }) : to.open()),
    });
    onward.once('response', resolve);
    onward.once('error', (error) => reject(unavailable(`error trying to reach service: ${error.message}`, error)));
    request.once('error', () => onward.destroy());
    request.once('aborted', () => onward.destroy()); // What an HTTP/2 request says in the error's place.
    request.pipe(onward);
  });
}

/** Nor what HTTP/2 has in a header's place, as `:path`. */
function withoutHops(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  const goesOn = (name: string): boolean => !name.startsWith(':') && !HOP_BY_HOP.includes(name);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => goesOn(name)));
}

function forwardedFor({ headers, socket, url }: IncomingMessage): OutgoingHttpHeaders {
  const before = headers['x-forwarded-for'];
  const client = socket.remoteAddress ?? '';
  return {
    'x-forwarded-for': before ? `${String(before)}, ${client}` : client,
    'x-forwarded-host': headers.host ?? headers[':authority']?.toString() ?? '',
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': url ?? '',
  };
}
