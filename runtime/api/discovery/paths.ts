/** Paths that are no objects: discovery, version, health, OpenAPI. Source: Kubernetes v1.36, apiserver/pkg/server/{healthz,routes}. */
import type { Call } from '../http/call.ts';
import { negotiate, parseAccept } from '../http/negotiate.ts';
import { sendBytes, sendJson, sendText } from '../http/respond.ts';
import { methodNotAllowed } from '../http/status.ts';
import type { DiscoveryDocuments, Document } from './documents.ts';

export interface HealthCheck {
  name: string;
  /** Rejects with what is wrong. */
  check(): Promise<void>;
}

export interface PathServices {
  /** GET /version */
  version: Readonly<Record<string, string>>;
  /** host:port that clients reach the server by. */
  address(): string;
  health: readonly HealthCheck[];
  /** Whole paths and prefixes that end in '/', to whom they are handed: OpenAPI, the issuer's documents. */
  routes: ReadonlyMap<string, (call: Call) => void | Promise<void>>;
}

const AGGREGATED_VERSIONS = ['v2', 'v2beta1'];

export async function answerPath(services: PathServices, documents: DiscoveryDocuments, call: Call): Promise<void> {
  const { path } = call.info;
  const route = routeOf(services, path);
  if (route) return route(call);
  if (!['GET', 'HEAD'].includes(call.request.method ?? '')) {
    if (/^\/apis?(\/|$)/.test(path)) throw methodNotAllowed();
    return notThere(call);
  }
  const [first = '', ...rest] = path.split('/').filter((part) => part !== '');
  switch (first) {
    case 'api':
    case 'apis':
      return answerDiscovery(services, documents, call, first, rest);
    case 'version':
      return rest.length === 0 ? sendJson(call.response, 200, services.version) : notThere(call);
    case 'healthz':
    case 'livez':
    case 'readyz':
      return answerHealth(services, call, first, rest);
    case '':
      return sendJson(call.response, 200, {
        paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'],
      });
    default:
      return notThere(call);
  }
}

function routeOf({ routes }: PathServices, path: string): ((call: Call) => void | Promise<void>) | undefined {
  const exact = routes.get(path);
  if (exact) return exact;
  for (const [prefix, route] of routes) if (prefix.endsWith('/') && path.startsWith(prefix)) return route;
  return undefined;
}

function notThere({ response }: Call): void {
  sendText(response, 404, '404 page not found\n');
}

function answerDiscovery(
  { address }: PathServices,
  documents: DiscoveryDocuments,
  call: Call,
  first: string,
  rest: readonly string[],
): void {
  const { accept } = call.request.headers;
  if (rest.length === 0) {
    const version = aggregatedVersion(accept);
    if (version) {
      const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      sendDocument(call, documents.aggregated(first === 'api', version), type);
      return;
    }
  }
  negotiate(accept, false);
  const document = plainDocument(documents, address(), first, rest);
  if (document) sendDocument(call, document, 'application/json');
  else notThere(call);
}

function plainDocument(
  documents: DiscoveryDocuments,
  address: string,
  first: string,
  [group, version, ...more]: readonly string[],
): Document | undefined {
  if (more.length > 0) return undefined;
  if (first === 'api') {
    if (group === undefined) return documents.versions(address);
    return version === undefined ? documents.resources('', group) : undefined;
  }
  if (group === undefined) return documents.groups();
  return version === undefined ? documents.group(group) : documents.resources(group, version);
}

/** The first aggregated form that the client asks for before any plain one. */
function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (type !== 'application/json') continue;
    if (parameters.get('as') === undefined) return undefined;
    const version = parameters.get('v') ?? '';
    const known = AGGREGATED_VERSIONS.includes(version) && parameters.get('g') === 'apidiscovery.k8s.io';
    if (known && parameters.get('as') === 'APIGroupDiscoveryList') return version;
  }
  return undefined;
}

function sendDocument(call: Call, { body, etag }: Document, type: string): void {
  const { request, response } = call;
  response.setHeader('ETag', etag);
  response.setHeader('Vary', 'Accept');
  response.setHeader('Cache-Control', 'public');
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  sendBytes(response, 200, body, type);
}

/** 'ok', or with ?verbose what was asked; /livez/<check> asks one. */
async function answerHealth(services: PathServices, call: Call, which: string, rest: readonly string[]): Promise<void> {
  const asked = services.health.filter(({ name }) => rest.length === 0 || name === rest.join('/'));
  if (asked.length === 0 && rest.length > 0) return notThere(call);
  const excluded = call.query.getAll('exclude');
  const lines: string[] = [];
  let failed = false;
  for (const { name, check } of asked) {
    if (excluded.includes(name)) {
      lines.push(`[+]${name} excluded: ok`);
      continue;
    }
    try {
      await check();
      lines.push(`[+]${name} ok`);
    } catch {
      failed = true;
      lines.push(`[-]${name} failed: reason withheld`);
    }
  }
  call.response.setHeader('X-Content-Type-Options', 'nosniff');
  if (failed) return sendText(call.response, 500, `${lines.join('\n')}\n${which} check failed\n`);
  const verbose = call.query.has('verbose') ? `${lines.join('\n')}\n${which} check passed\n` : 'ok';
  return sendText(call.response, 200, verbose);
}
