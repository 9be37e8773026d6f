/**
 * Who a request is from: a bearer token, else a client certificate, else nobody. Source: Kubernetes v1.36,
 * apiserver/pkg/authentication/request/{bearertoken,x509,websocket}.
 */
import { unauthorized } from '../../http/status.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP, UNAUTHENTICATED_GROUP, type User } from '../../request.ts';
import type { Authenticator, Credentials, PeerCertificate } from '../faces.ts';
import type { ServiceAccountTokens } from '../tokens/service-account-tokens.ts';
import type { StaticTokens } from './static-tokens.ts';

export interface TokenAnswer {
  user: User;
  /** Those asked for that the token is meant for. */
  audiences: readonly string[];
}

export class RequestAuthenticator implements Authenticator {
  readonly #staticTokens: StaticTokens;
  readonly #accountTokens: ServiceAccountTokens;
  readonly #now: () => number;

  constructor(staticTokens: StaticTokens, accountTokens: ServiceAccountTokens, now: () => number) {
    this.#staticTokens = staticTokens;
    this.#accountTokens = accountTokens;
    this.#now = now;
  }

  async authenticate({ headers, peerCertificate }: Credentials): Promise<User | undefined> {
    const token = bearerToken(headers.authorization) ?? protocolToken(headers['sec-websocket-protocol']);
    if (token !== undefined) {
      const answer = await this.authenticateToken(token);
      if (!answer) throw unauthorized();
      return answer.user;
    }
    return peerCertificate && this.#certificateUser(peerCertificate);
  }

  /** The token's user; static tokens are for the server's own audiences. @param audiences the server's own by default. */
  async authenticateToken(token: string, audiences?: readonly string[]): Promise<TokenAnswer | undefined> {
    const own = this.#accountTokens.settings.audiences;
    const user = this.#staticTokens.authenticate(token);
    if (!user) return this.#accountTokens.authenticate(token, audiences);
    const meant = own.filter((audience) => !audiences || audiences.includes(audience));
    return meant.length > 0 ? { user, audiences: meant } : undefined;
  }

  /** The handshake has checked who signed it; long connections outlive certificates, so their time is checked here. */
  #certificateUser({ subject, valid_from, valid_to }: PeerCertificate): User | undefined {
    const name = textsOf(subject?.CN).at(-1);
    if (!name) return undefined;
    const now = this.#now();
    if ((valid_to && now > Date.parse(valid_to)) || (valid_from && now < Date.parse(valid_from))) throw unauthorized();
    return { name, groups: [...new Set([...textsOf(subject.O), AUTHENTICATED_GROUP])] };
  }
}

function textsOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** undefined without the header; throws Unauthorized for anything but 'Bearer TOKEN'. */
function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const match = /^bearer +([^ ]+) *$/i.exec(header);
  if (!match) throw unauthorized();
  return match[1];
}

const PROTOCOL_PREFIX = 'base64url.bearer.authorization.k8s.io.';

/** Browsers cannot set headers of a WebSocket: there the token is one of the sub-protocols. */
function protocolToken(header: string | undefined): string | undefined {
  const protocol = header
    ?.split(',')
    .map((name) => name.trim())
    .find((name) => name.startsWith(PROTOCOL_PREFIX));
  return protocol === undefined
    ? undefined
    : Buffer.from(protocol.slice(PROTOCOL_PREFIX.length), 'base64url').toString('utf8');
}

const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/;

/** Who sends a request without credentials; undefined (a 401) but for health and version. */
export function anonymousUser(path: string): User | undefined {
  return PUBLIC_PATHS.test(path) ? { name: ANONYMOUS, groups: [UNAUTHENTICATED_GROUP] } : undefined;
}
