/**
 * Tokens of service accounts: JWTs bound to the account by its uid and, if asked for, to a pod, secret or node. A token
 * dies with what it is bound to. Source: Kubernetes v1.36, pkg/serviceaccount/claims.go.
 */
import { randomUUID } from 'node:crypto';
import { type JWTPayload, jwtVerify, SignJWT } from 'jose';
import type { ObjectsView } from '../../objects-view.ts';
import { AUTHENTICATED_GROUP, type User } from '../../request.ts';
import { serviceAccountGroups, serviceAccountUserName } from '../rbac/objects.ts';
import { SIGNING_ALGORITHM, type SigningKey } from './signing-key.ts';

export interface Ref {
  name: string;
  uid: string;
}

/** What a token stands for beside its account. */
export interface Binding {
  pod?: Ref;
  secret?: Ref;
  /** Of the pod, or by itself. */
  node?: Ref;
}

/** The claim 'kubernetes.io'. */
interface PrivateClaims extends Binding {
  namespace: string;
  serviceaccount: Ref;
}

interface KnownToken {
  claims: PrivateClaims;
  audiences: readonly string[];
  expiresMs: number;
  id: string;
}

export interface TokenSettings {
  key: SigningKey;
  /** The issuer of new tokens: an https URL. */
  issuer: string;
  /** Accepted of a request that names none; the first is what tokens are made for by default. */
  audiences: readonly string[];
  view: ObjectsView;
  now(): number;
}

/** A token's signature is checked once; that its account and pod are still there is checked each time. */
const KNOWN_LIMIT = 4096;

export class ServiceAccountTokens {
  readonly settings: TokenSettings;
  readonly #known = new Map<string, KnownToken>();

  constructor(settings: TokenSettings) {
    this.settings = settings;
  }

  /** @param account with namespace, name and uid. */
  async issue(
    account: { namespace: string } & Ref,
    audiences: readonly string[],
    lifeSeconds: number,
    binding: Binding = {},
  ): Promise<{ token: string; expirationTimestamp: string }> {
    const { key, issuer } = this.settings;
    const now = Math.floor(this.settings.now() / 1000);
    const { namespace, name, uid } = account;
    const claims: PrivateClaims = { namespace, ...binding, serviceaccount: { name, uid } };
    const token = await new SignJWT({ 'kubernetes.io': claims })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: key.jwk.kid })
      .setIssuer(issuer)
      .setAudience([...audiences])
      .setSubject(serviceAccountUserName(namespace, name))
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + lifeSeconds)
      .setJti(randomUUID())
      .sign(key.privateKey);
    return { token, expirationTimestamp: new Date((now + lifeSeconds) * 1000).toISOString().replace('.000', '') };
  }

  /**
   * The account behind `token` and those of `audiences` that it is for; undefined when it is not one of our tokens, has
   * run out, is for other audiences, or what it is bound to is gone.
   */
  async authenticate(
    token: string,
    audiences: readonly string[] = this.settings.audiences,
  ): Promise<{ user: User; audiences: readonly string[] } | undefined> {
    const known = this.#known.get(token) ?? (await this.#verify(token));
    if (!known || known.expiresMs <= this.settings.now() || !this.#isAlive(known.claims)) return undefined;
    const meant = known.audiences.filter((audience) => audiences.includes(audience));
    return meant.length > 0 ? { user: userOf(known), audiences: meant } : undefined;
  }

  async #verify(token: string): Promise<KnownToken | undefined> {
    const { key, issuer } = this.settings;
    let payload: JWTPayload;
    try {
      const options = { issuer, algorithms: [SIGNING_ALGORITHM], currentDate: new Date(this.settings.now()) };
      ({ payload } = await jwtVerify(token, key.publicKey, options));
    } catch {
      return undefined; // Whatever is wrong with a token: it says nothing about its bearer.
    }
    const claims = payload['kubernetes.io'] as PrivateClaims | undefined;
    if (!claims?.serviceaccount || payload.exp === undefined || payload.aud === undefined) return undefined;
    const known: KnownToken = {
      claims,
      audiences: typeof payload.aud === 'string' ? [payload.aud] : payload.aud,
      expiresMs: payload.exp * 1000,
      id: payload.jti ?? '',
    };
    if (this.#known.size >= KNOWN_LIMIT) this.#known.clear();
    this.#known.set(token, known);
    return known;
  }

  #isAlive({ namespace, serviceaccount, pod, secret, node }: PrivateClaims): boolean {
    return (
      this.#isThere('serviceaccounts', namespace, serviceaccount) &&
      (!pod || this.#isThere('pods', namespace, pod)) &&
      (!secret || this.#isThere('secrets', namespace, secret)) &&
      // A pod's node is only told of; a token that is bound to a node alone dies with it.
      (!node || Boolean(pod) || this.#isThere('nodes', '', node))
    );
  }

  /** Things that are being deleted count for a minute more, so that what runs can end in order. */
  #isThere(resource: string, namespace: string, { name, uid }: Ref): boolean {
    const metadata = this.settings.view.get('', resource, namespace, name)?.metadata;
    if (!metadata || metadata.uid !== uid) return false;
    const { deletionTimestamp } = metadata;
    return !deletionTimestamp || this.settings.now() < Date.parse(deletionTimestamp) + 60_000;
  }
}

function userOf({ claims: { namespace, serviceaccount, pod, node }, id }: KnownToken): User {
  const extra: Record<string, string[]> = {};
  if (id) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${id}`];
  const tell = (kind: string, ref: Ref | undefined): void => {
    if (!ref) return;
    extra[`authentication.kubernetes.io/${kind}-name`] = [ref.name];
    extra[`authentication.kubernetes.io/${kind}-uid`] = [ref.uid];
  };
  tell('node', node);
  tell('pod', pod);
  return {
    name: serviceAccountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid,
    groups: [...serviceAccountGroups(namespace), AUTHENTICATED_GROUP],
    extra,
  };
}
