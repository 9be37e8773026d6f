/** One request on its way through the server, and what the server lends to those who answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { KubeObject } from '../../../core/index.ts';
import type { RegistryParts } from '../registry/parts.ts';
import type { RequestInfo, User } from '../request.ts';

export interface Call {
  info: RequestInfo;
  query: URLSearchParams;
  user: User;
  request: IncomingMessage;
  response: ServerResponse;
  /** Throws the 403 where the user may not do this as well, to what the request is about. */
  allow(verb: string): void;
  /** Texts of Warning headers so far. */
  warnings: string[];
}

/** A request that wants the bytes of its connection: exec, attach, port-forward. */
export interface UpgradeCall extends Omit<Call, 'response'> {
  socket: Duplex;
  /** What came behind the request's headers. */
  head: Buffer;
}

/** Answers a subresource that is a stream. Refusals are thrown before the first byte. */
export interface ConnectHandler {
  /** Where the name in the path says more than which object. @throws 400 */
  nameOf?(name: string): string;
  /** Without an upgrade: logs, and the proxy. */
  respond?(call: Call, object: KubeObject): Promise<void>;
  upgrade?(call: UpgradeCall, object: KubeObject): Promise<void>;
}

/** Answers a kind that is asked, not kept (reviews), or a serviceaccounts/token. */
export type Answer = (body: KubeObject, call: Pick<Call, 'user' | 'info'>) => KubeObject | Promise<KubeObject>;

/** A kind whose objects somebody else has: metrics. In order; the answer is never changed. */
export type Source = () => Iterable<KubeObject>;

export interface Services {
  parts: RegistryParts;
  /** By '<plural>/<subresource>', as 'pods/exec'. */
  connect: ReadonlyMap<string, ConnectHandler>;
  /** By '<group>/<plural>', or '/serviceaccounts/token'. */
  answers: ReadonlyMap<string, Answer>;
  /** By '<group>/<plural>'. */
  sources: ReadonlyMap<string, Source>;
  /** Ends of the watches that are open. */
  watches: Set<() => void>;
}
