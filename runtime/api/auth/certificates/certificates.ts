/**
 * The cluster's certificates, kept in one folder: an authority of its own (ca), what the server shows (apiserver), and
 * what clients show on request. They are used again at the next start and made anew before they run out.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalIp } from '../../../../core/index.ts';
import { type KeyPair, readPair, validForMs, writePair } from './pair.ts';

export type { KeyPair } from './pair.ts';

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3650 * DAY_MS;
const CERTIFICATE_LIFE_MS = 365 * DAY_MS;
/** What has less left than this is made anew. */
const RENEW_MS = 30 * DAY_MS;

/** By these a server on this machine is reached, from outside and from inside the cluster. */
export const LOCAL_NAMES: readonly string[] = [
  'localhost',
  '127.0.0.1',
  '::1',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

export class Authority {
  readonly #directory: string;
  readonly #now: () => number;
  readonly pair: KeyPair;

  private constructor(directory: string, now: () => number, pair: KeyPair) {
    this.#directory = directory;
    this.#now = now;
    this.pair = pair;
  }

  /**
   * The authority of `directory`, made there at first. An authority that ran out is an error, as nobody would trust a
   * new one: whoever wants that deletes the folder.
   *
   * @param now milliseconds since 1970.
   */
  static async ensure(directory: string, now: () => number): Promise<Authority> {
    const kept = await readPair(directory, 'ca');
    if (kept) {
      checkPair(kept, `${directory}/ca.crt`);
      if (validForMs(kept.certificate, now()) <= 0) {
        throw new Error(
          `the certificate authority ${directory}/ca.crt is not valid now; delete ${directory} for a new one`,
        );
      }
      return new Authority(directory, now, kept);
    }
    const { issueAuthority } = await import('./issue.ts');
    const made = await issueAuthority('keelson-ca', { nowMs: now(), lifeMs: AUTHORITY_LIFE_MS });
    await writePair(directory, 'ca', made);
    return new Authority(directory, now, made);
  }

  /** What the server shows, for LOCAL_NAMES and `more`; made anew when these change or it comes near its end. */
  async serverCertificate(more: readonly string[] = []): Promise<KeyPair> {
    const names = [...new Set([...LOCAL_NAMES, ...more])];
    const kept = await readPair(this.#directory, 'apiserver');
    if (kept && this.#isGood(kept, names)) return kept;
    const { issueServer } = await import('./issue.ts');
    const made = await issueServer(this.pair, names, { nowMs: this.#now(), lifeMs: CERTIFICATE_LIFE_MS });
    await writePair(this.#directory, 'apiserver', made);
    return made;
  }

  /** For a client that is `user` in `groups`; not kept. */
  async clientCertificate(user: string, groups: readonly string[], lifeMs = CERTIFICATE_LIFE_MS): Promise<KeyPair> {
    const { issueClient } = await import('./issue.ts');
    return issueClient(this.pair, user, groups, { nowMs: this.#now(), lifeMs });
  }

  #isGood(pair: KeyPair, names: readonly string[]): boolean {
    const certificate = new X509Certificate(pair.certificate);
    checkPair(pair, `${this.#directory}/apiserver.crt`);
    return (
      certificate.verify(new X509Certificate(this.pair.certificate).publicKey) &&
      validForMs(pair.certificate, this.#now()) > RENEW_MS &&
      isDeepStrictEqual(namesOf(certificate), names.map(plain).sort())
    );
  }
}

function checkPair({ certificate, key }: KeyPair, path: string): void {
  if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
    throw new Error(`${path} does not belong to the key beside it`);
  }
}

/** The alternative names, sorted: 'DNS:localhost, IP Address:127.0.0.1' without the kinds, IPv6 in its short form. */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName
    .split(', ')
    .map((entry) => plain(entry.slice(entry.indexOf(':') + 1)))
    .sort();
}

function plain(name: string): string {
  return canonicalIp(name) ?? name;
}
