/**
 * A request's way: what it asks for, who asks, as whom, whether they may; then the one who answers.
 * Source: Kubernetes v1.36, apiserver/pkg/server/config.go (DefaultBuildHandlerChain).
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { Authenticator, Authorizer } from '../auth/faces.ts';
import { refusal } from '../auth/forbidden.ts';
import { anonymousUser } from '../auth/identity/request-authenticator.ts';
import { impersonate } from '../auth/impersonate.ts';
import type { DiscoveryDocuments } from '../discovery/documents.ts';
import { answerPath, type PathServices } from '../discovery/paths.ts';
import { storeRefusal } from '../registry/commit.ts';
import { current } from '../registry/patch.ts';
import type { RequestInfo, User } from '../request.ts';
import type { Call, Services } from './call.ts';
import { requestInfo } from './request-info.ts';
import { answerResource } from './resources.ts';
import { sendError } from './respond.ts';
import { ApiError, badRequest, internal, unauthorized, unknownResource } from './status.ts';
import { connectionOf, distinctHeaders, forgetBody } from './stream-of.ts';

export interface HandlerOptions {
  services: Services;
  documents: DiscoveryDocuments;
  paths: PathServices;
  authenticator: Authenticator;
  authorizer: Authorizer;
  /** Of requests without credentials over a connection that cannot carry any; undefined: they are refused. */
  insecureUser?: User;
  /** A fault of ours, never a client's. */
  problem(error: Error): void;
}

export class Handler {
  readonly #options: HandlerOptions;

  constructor(options: HandlerOptions) {
    this.#options = options;
  }

  /** Never rejects: whatever goes wrong is answered. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Audit-Id', randomUUID());
    response.setHeader('Cache-Control', 'no-cache, private');
    try {
      const call = { ...(await this.#receive(request)), response };
      if (call.info.resourceRequest) await answerResource(this.#options.services, call);
      else await answerPath(this.#options.paths, this.#options.documents, call);
    } catch (error) {
      sendError(response, this.#refusalOf(error));
    } finally {
      forgetBody(request);
    }
  }

  /** Never rejects. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const call = await this.#receive(request);
      const { info } = call;
      const { parts, connect } = this.#options.services;
      const kind = parts.kinds.find(info.group, info.version, info.resource);
      const handler = kind && connect.get(`${kind.plural}/${info.subresource}`);
      if (!kind || !handler?.upgrade)
        throw info.resourceRequest ? unknownResource() : badRequest('no upgrade is possible here');
      const target = { kind, namespace: info.namespace, name: info.name, subresource: info.subresource };
      await handler.upgrade({ ...call, socket, head }, current(parts, target));
    } catch (error) {
      refuseUpgrade(socket, this.#refusalOf(error));
    }
  }

  async #receive(request: IncomingMessage): Promise<Omit<Call, 'response'>> {
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    const path = question < 0 ? url : url.slice(0, question);
    const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
    const info = requestInfo(request.method ?? 'GET', path, query);
    const user = await this.#userOf(request, info);
    const allow = (verb: string): void => {
      const attributes = verb === info.verb ? info : { ...info, verb };
      const decision = this.#options.authorizer.authorize(user, attributes);
      if (!decision.allowed) throw refusal(user, attributes, decision.reason);
    };
    allow(info.verb);
    return { info, query, user, request, allow, warnings: [] };
  }

  async #userOf(request: IncomingMessage, info: RequestInfo): Promise<User> {
    const { authenticator, authorizer, insecureUser } = this.#options;
    const { headers } = request;
    const socket = connectionOf(request);
    const verified = socket instanceof TLSSocket && socket.authorized;
    const peerCertificate = verified ? certificateOf(socket) : undefined;
    const user =
      (await authenticator.authenticate({ headers, peerCertificate })) ?? insecureUser ?? anonymousUser(info.path);
    if (!user) throw unauthorized();
    return namesAnother(headers) ? impersonate(user, distinctHeaders(request), authorizer) : user;
  }

  #refusalOf(error: unknown): ApiError {
    const refused = error instanceof ApiError ? error : storeRefusal(error);
    if (refused) return refused;
    this.#options.problem(new Error('a request failed', { cause: error }));
    return internal('the request could not be handled', error);
  }
}

/** It is the connection's, and read from its bytes each time it is asked for. */
function certificateOf(socket: TLSSocket): PeerCertificate {
  let known = certificates.get(socket);
  if (!known) certificates.set(socket, (known = socket.getPeerCertificate()));
  return known;
}

const certificates = new WeakMap<TLSSocket, PeerCertificate>();

function namesAnother(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

function refuseUpgrade(socket: Duplex, { status, headers }: ApiError): void {
  const body = JSON.stringify(status);
  const lines = [
    `HTTP/1.1 ${status.code} ${status.reason ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
