/** The API server, put together: store, cache, kinds, access, registry and listener. Everything it needs is handed in. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { Random } from '../../core/index.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin, AdmissionWriter } from './admission/admission.ts';
import { admissionChain } from './admission/chain.ts';
import type { Auth } from './auth/auth.ts';
import type { VersionedView } from './auth/faces.ts';
import { ADMIN } from './auth/identity/static-tokens.ts';
import { REVIEWS } from './auth/reviews/reviews.ts';
import { ISSUER_PATH, issuerDocument, JWKS_PATH, keysDocument } from './auth/tokens/issuer-documents.ts';
import { requestToken } from './auth/tokens/token-request.ts';
import { bootstrap, furnishNamespace } from './bootstrap.ts';
import type { ApiClient } from './client.ts';
import { DiscoveryDocuments } from './discovery/documents.ts';
import { openApiRoutes } from './discovery/openapi.ts';
import type { PathServices } from './discovery/paths.ts';
import type { Answer, Call, ConnectHandler, Services, Source } from './http/call.ts';
import { Handler } from './http/handler.ts';
import { Listener } from './http/listener.ts';
import { sendJson } from './http/respond.ts';
import type { Certificates } from './http/secure-server.ts';
import { KindTable } from './kinds/table.ts';
import type { ObjectsView } from './objects-view.ts';
import { Cache } from './registry/cache.ts';
import { certificateRequests } from './registry/certificate-requests.ts';
import type { HistoryLimits } from './registry/collection.ts';
import { Definitions } from './registry/custom-definitions.ts';
import { EventExpiry } from './registry/event-expiry.ts';
import { InProcessClient } from './registry/in-process-client.ts';
import { Namespaces } from './registry/namespaces.ts';
import type { RegistryParts } from './registry/parts.ts';
import { createPatcher } from './registry/patcher.ts';
import { serviceAddresses } from './registry/service-addresses.ts';
import { VolumeProtection } from './registry/volume-protection.ts';
import { LOOPBACK_USER } from './request.ts';
import type { Schemas } from './schema/schemas.ts';

/** What Kubernetes' clients take this server for. */
export const SERVED_VERSION = { major: '1', minor: '36' } as const;

/** As etcd's default in Kubernetes: what is older cannot be paged through or watched from. */
const COMPACT_EVERY_MS = 300_000;
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
/** Clients expect hexadecimal digits; a package does not know its commit. */
const NO_COMMIT = '0'.repeat(40);
const CLOSE_GRACE_MS = 2_000;

export interface ApiServerOptions {
  store: Store;
  schemas: Schemas;
  /** Opened once the cache is there: it reads accounts and roles from it. */
  openAuth(view: VersionedView): Promise<Auth>;
  /** undefined: plain HTTP, where every request without credentials is the administrator's. */
  certificates?(auth: Auth): Promise<Certificates>;
  /** By '<plural>/<subresource>': exec, log and their like; without it they are not found. */
  connect?(view: ObjectsView): ReadonlyMap<string, ConnectHandler>;
  /** By '<group>/<plural>': metrics. */
  sources?(view: ObjectsView): ReadonlyMap<string, Source>;
  /** Further paths, beside OpenAPI and the issuer's documents. */
  routes?(kinds: KindTable): ReadonlyMap<string, (call: Call) => void | Promise<void>>;
  history?: HistoryLimits;
  /** A namespace controller empties deleted namespaces; without it the server does. */
  leavesNamespaces?: boolean;
  compactEveryMs?: number;
  now?(): number;
  /** Faults of ours and of the store's: each is told once, and the server goes on. */
  problem?(error: Error): void;
}

export interface ApiServer {
  readonly auth: Auth;
  readonly client: ApiClient;
  readonly kinds: KindTable;
  readonly parts: RegistryParts;
  /** @returns the address that was taken: 'https://127.0.0.1:34567'. @param port 0: any that is free. */
  listen(options?: { host?: string; port?: number }): Promise<string>;
  /** The same once more at another address of this machine. @returns the port. @throws the system's error. */
  listenAlso(at: { host: string; port: number }): Promise<number>;
  /** Ends watches, waits for requests under way. The store stays open: it is the caller's. */
  close(): Promise<void>;
}

/** Reads everything the store holds; rejects with the store's errors. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, schemas, now = Date.now, problem = warn } = options;
  const cache = new Cache({ store, history: options.history, problem });
  await cache.start();
  const auth = await options.openAuth(cache);
  const kinds = new KindTable();
  const admission: AdmissionPlugin[] = [];
  const parts: RegistryParts = {
    store,
    cache,
    kinds,
    schemas,
    patcher: createPatcher(schemas),
    admission,
    now,
    uid: randomUUID,
    nameSuffix: () => Array.from({ length: 5 }, () => NAME_ALPHABET[randomInt(NAME_ALPHABET.length)]).join(''),
  };
  const client = new InProcessClient(parts, auth.authorizer, LOOPBACK_USER);
  parts.created = async (kind, { metadata }) => {
    // A new namespace has its account before anybody can make a pod in it.
    if (kind.group !== '' || kind.kind !== 'Namespace') return;
    await furnishNamespace(client, kinds, metadata.name, auth.authority.pair.certificate);
  };
  const writer = writerOf(parts, client);
  admission.push(...admissionChain(cache, writer, { authorizer: auth.authorizer, now, suffix: parts.nameSuffix }));
  admission.push(certificateRequests(now, auth.authorizer));
  admission.push(serviceAddresses(cache, new Random(randomBytes(4).readUInt32LE())));
  return new Server(options, parts, auth, client, problem);
}

class Server implements ApiServer {
  readonly auth: Auth;
  readonly client: ApiClient;
  readonly parts: RegistryParts;
  readonly #options: ApiServerOptions;
  readonly #problem: (error: Error) => void;
  readonly #watches = new Set<() => void>();
  /** The first is the one that `listen` opened. */
  readonly #listeners: Listener[] = [];
  #openListener: (() => Listener) | undefined;
  readonly #definitions: Definitions;
  readonly #namespaces: Namespaces | undefined;
  readonly #volumes: VolumeProtection;
  readonly #events: EventExpiry;
  #compacting: NodeJS.Timeout | undefined;
  #address = '';
  #url = '';

  constructor(
    options: ApiServerOptions,
    parts: RegistryParts,
    auth: Auth,
    client: ApiClient,
    problem: (error: Error) => void,
  ) {
    this.#options = options;
    this.parts = parts;
    this.auth = auth;
    this.client = client;
    this.#problem = problem;
    const { cache, kinds, now } = parts;
    this.#definitions = new Definitions({ cache, kinds, client, now, problem });
    if (!options.leavesNamespaces) this.#namespaces = new Namespaces({ cache, kinds, client, problem });
    this.#volumes = new VolumeProtection({ cache, client, problem });
    this.#events = new EventExpiry({ cache, client, problem });
  }

  get kinds(): KindTable {
    return this.parts.kinds;
  }

  async listen({ host = '127.0.0.1', port = 0 } = {}): Promise<string> {
    const certificates = await this.#options.certificates?.(this.auth);
    const handler = this.#handler(certificates !== undefined);
    this.#openListener = () => new Listener(handler, certificates);
    const taken = await this.#listenAt(host, port);
    this.#address = `${host.includes(':') ? `[${host}]` : host}:${taken}`;
    this.#url = `${certificates ? 'https' : 'http'}://${this.#address}`;
    const authority = this.auth.authority.pair.certificate;
    await bootstrap({ client: this.client, kinds: this.kinds, authority, host, port: taken });
    this.#startCompacting();
    return this.#url;
  }

  listenAlso({ host, port }: { host: string; port: number }): Promise<number> {
    return this.#listenAt(host, port);
  }

  async #listenAt(host: string, port: number): Promise<number> {
    if (!this.#openListener) throw new Error('listen comes first');
    const listener = this.#openListener();
    const taken = await listener.listen(port, host);
    this.#listeners.push(listener);
    return taken;
  }

  async close(): Promise<void> {
    clearInterval(this.#compacting);
    this.#definitions.stop();
    this.#namespaces?.stop();
    this.#volumes.stop();
    this.#events.stop();
    for (const end of this.#watches) end();
    await Promise.all(this.#listeners.map((listener) => listener.close(CLOSE_GRACE_MS)));
    this.parts.cache.close();
  }

  #handler(secure: boolean): Handler {
    const { connect, sources, routes, schemas } = this.#options;
    const services: Services = {
      parts: this.parts,
      connect: connect?.(this.parts.cache) ?? new Map(),
      sources: sources?.(this.parts.cache) ?? new Map(),
      answers: this.#answers(),
      watches: this.#watches,
    };
    const paths: PathServices = {
      version: versionDocument(),
      address: () => this.#address,
      health: [
        { name: 'ping', check: async () => {} },
        { name: 'store', check: () => this.parts.store.health() },
      ],
      routes: new Map([
        ...openApiRoutes(schemas, this.kinds),
        ...this.#issuerRoutes(),
        ...(routes?.(this.kinds) ?? []),
      ]),
    };
    const { authenticator, authorizer } = this.auth;
    return new Handler({
      services,
      documents: new DiscoveryDocuments(this.kinds),
      paths,
      authenticator,
      authorizer,
      insecureUser: secure ? undefined : ADMIN,
      problem: this.#problem,
    });
  }

  /** Where others learn by which keys our tokens are checked. */
  #issuerRoutes(): [string, (call: Call) => void][] {
    const { key, issuer } = this.auth.tokens.settings;
    return [
      [ISSUER_PATH, ({ response }) => sendJson(response, 200, issuerDocument(issuer, this.#url))],
      [JWKS_PATH, ({ response }) => sendJson(response, 200, keysDocument(key), 'application/jwk-set+json')],
    ];
  }

  /** The kinds that are asked, and tokens. */
  #answers(): Map<string, Answer> {
    const { auth } = this;
    const answers = new Map<string, Answer>();
    for (const [name, review] of REVIEWS) {
      answers.set(name, (body, { user, info }) => review({ review: body, user, namespace: info.namespace, auth }));
    }
    answers.set('/serviceaccounts/token', (body, { info }) =>
      requestToken(body, info.namespace, info.name, auth.tokens),
    );
    return answers;
  }

  /** What was at the last tick is as old as is kept. */
  #startCompacting(): void {
    const { cache, store } = this.parts;
    let before = cache.revision;
    let compacted = 0;
    this.#compacting = setInterval(() => {
      if (before > compacted) {
        compacted = before;
        cache.forget(before);
        store
          .compact(before)
          .catch((error: unknown) => this.#problem(new Error('compaction failed', { cause: error })));
      }
      before = cache.revision;
    }, this.#options.compactEveryMs ?? COMPACT_EVERY_MS).unref();
  }
}

/** Admission writes usage of quotas, past validation of its own writes. */
function writerOf(parts: RegistryParts, client: ApiClient): AdmissionWriter {
  return {
    updateStatus(object) {
      const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
      const kind = parts.kinds.ofKind(group, version, object.kind);
      if (!kind) throw new Error(`${object.kind} of ${object.apiVersion} is not served`);
      const options = { subresource: 'status', fieldManager: 'kube-apiserver' };
      return client.update({ group, version, resource: kind.plural }, object, options);
    },
    async read(group, resource, namespace, name) {
      await parts.cache.fresh();
      return parts.cache.get(group, resource, namespace, name);
    },
  };
}

function versionDocument(): Record<string, string> {
  const { major, minor } = SERVED_VERSION;
  return {
    major,
    minor,
    gitVersion: `v${major}.${minor}.0+keelson`,
    gitCommit: NO_COMMIT,
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: 'none',
    compiler: `node ${process.versions.node}`,
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}

function warn(error: Error): void {
  process.emitWarning(error.message, { detail: String(error.cause ?? '') });
}
