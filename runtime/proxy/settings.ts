/**
 * How the connections of a Service port are handled, where Kubernetes has no field for it: annotations of the Service, and
 * the port's appProtocol.
 */
import { namespaceOf, POLICIES, type Problem, type Service } from '../../core/index.ts';
import { choice, duration, type Reader, whole } from './annotation-values.ts';
import { BALANCE_READERS } from './balance.ts';

export const PORT_PROTOCOLS = ['tcp', 'http', 'http2', 'grpc'] as const;
export type PortProtocol = (typeof PORT_PROTOCOLS)[number];

export interface PortSettings {
  /** By name, of POLICIES. */
  readonly policy: string;
  /**
   * 'tcp' balances each connection; 'http' (1.1), 'http2' and 'grpc' (both HTTP/2 without TLS) each request. UDP ports do
   * not look at it.
   */
  readonly protocol: PortProtocol;
  /** Until the endpoint has accepted; then another one is tried. */
  readonly connectTimeoutMs: number;
  /** Without a byte in either direction; a UDP session without a datagram. */
  readonly idleTimeoutMs: number;
  /** HTTP: until the response begins. By default gRPC waits as long as a stream may be idle: servers begin when they will. */
  readonly responseTimeoutMs: number;
  /**
   * HTTP: a client's connection is closed after the request that ends past this age, ± 10 %; 0: never. A client of HTTP/2
   * is told at this age to open no more streams, and is closed when those it has are over.
   */
  readonly maxConnectionAgeMs: number;
  /** Endpoints tried for one connection or request. */
  readonly maxAttempts: number;
  /** Clients speak first the PROXY protocol, and are who it says. */
  readonly acceptProxyProtocol: boolean;
  /** Endpoints are told the client by this version of the PROXY protocol; 0: not at all. TCP only. */
  readonly sendProxyProtocol: 0 | 1 | 2;
}

export const DEFAULT_SETTINGS: PortSettings = {
  policy: 'random',
  protocol: 'tcp',
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 900_000,
  responseTimeoutMs: 60_000,
  maxConnectionAgeMs: 0,
  maxAttempts: 3,
  acceptProxyProtocol: false,
  sendProxyProtocol: 0,
};

/** A flow without a datagram for so long is over, as conntrack has it for one that was answered. */
const UDP_IDLE_MS = 120_000;

export const ANNOTATION_PREFIX = 'proxy.keelson.dev/';

/** By appProtocol, in small letters. Those of TLS are not there: it is not ended here. */
const PROTOCOL_OF: ReadonlyMap<string, PortProtocol> = new Map([
  ['http', 'http'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/h2c', 'http2'],
  ['h2c', 'http2'],
  ['http2', 'http2'],
  ['grpc', 'grpc'],
]);

type Parsed = { -readonly [K in keyof PortSettings]?: PortSettings[K] };

/** By annotation, without its prefix; each says what is wrong, if anything. */
const READERS: Readonly<Record<string, Reader<Parsed>>> = {
  policy: choice(
    POLICIES.map(({ name }) => name),
    (settings, value) => (settings.policy = value),
  ),
  protocol: choice(PORT_PROTOCOLS, (settings, value) => (settings.protocol = value)),
  'connect-timeout': duration(1, (settings, ms) => (settings.connectTimeoutMs = ms)),
  'idle-timeout': duration(1, (settings, ms) => (settings.idleTimeoutMs = ms)),
  'response-timeout': duration(1, (settings, ms) => (settings.responseTimeoutMs = ms)),
  'max-connection-age': duration(0, (settings, ms) => (settings.maxConnectionAgeMs = ms)),
  'max-attempts': whole(1, 16, (settings, value) => (settings.maxAttempts = value)),
  'accept-proxy-protocol': choice(['true', 'false'], (settings, value) => {
    settings.acceptProxyProtocol = value === 'true';
  }),
  'send-proxy-protocol': choice(['none', 'v1', 'v2'], (settings, value) => {
    settings.sendProxyProtocol = value === 'v1' ? 1 : value === 'v2' ? 2 : 0;
  }),
};

export interface ServiceSettings {
  /** By the port's appProtocol and its protocol. */
  of(port: { appProtocol?: string; protocol: string }): PortSettings;
  readonly problems: readonly Problem[];
}

/** @param fallbackPolicy for a Service that names none. */
export function settingsOf(service: Service, fallbackPolicy = DEFAULT_SETTINGS.policy): ServiceSettings {
  const asked: Parsed = {};
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(service.metadata.annotations ?? {})) {
    if (!key.startsWith(ANNOTATION_PREFIX)) continue;
    const name = key.slice(ANNOTATION_PREFIX.length);
    if (Object.hasOwn(BALANCE_READERS, name)) continue; // Read by balance.ts, which knows the node.
    const wrong = Object.hasOwn(READERS, name)
      ? READERS[name](value, asked)
      : `is none of ${[...Object.keys(READERS), ...Object.keys(BALANCE_READERS)].join(', ')}`;
    if (wrong === undefined) continue;
    const object = `service ${namespaceOf(service)}/${service.metadata.name}`;
    problems.push({ object, path: `metadata.annotations[${key}]`, message: wrong, severity: 'error' });
  }
  return {
    of({ appProtocol = '', protocol }) {
      const usual = {
        ...DEFAULT_SETTINGS,
        policy: fallbackPolicy,
        protocol: PROTOCOL_OF.get(appProtocol.toLowerCase()) ?? 'tcp',
        ...(protocol === 'UDP' && { idleTimeoutMs: UDP_IDLE_MS }),
        ...asked,
      };
      const patient = usual.protocol === 'grpc' && asked.responseTimeoutMs === undefined;
      return patient ? { ...usual, responseTimeoutMs: usual.idleTimeoutMs } : usual;
    },
    problems,
  };
}
