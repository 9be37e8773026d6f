/** Calls of etcd's gRPC API, each within a bounded time; what etcd says of an error becomes the store's own. */
import { Client, type ClientDuplexStream, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  CompactedError,
  FutureRevisionError,
  InvalidRequestError,
  StoreFullError,
  StoreUnavailableError,
} from '../errors.ts';

export type WatchStream = ClientDuplexStream<Buffer, Buffer>;

const SCHEME = 'etcd://';
const asIs = (message: Buffer): Buffer => message;
const NO_BOUND = -1;

export class EtcdClient {
  readonly url: string;
  private readonly timeoutMs: number;
  private readonly client: Client;

  /** `url`: etcd://host:port, or several addresses apart by commas. No connection is made before the first call. */
  constructor(url: string, timeoutMs: number) {
    this.url = url;
    this.timeoutMs = timeoutMs;
    this.client = new Client(targetOf(url), credentials.createInsecure(), {
      'grpc.max_receive_message_length': NO_BOUND,
      'grpc.max_send_message_length': NO_BOUND,
      // etcd closes connections that ask more often than every 5 s whether it is there.
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 5_000,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
    });
  }

  /** `method`: 'KV/Range'. `revision`: what an error of compaction is about. */
  call(method: string, request: Buffer, revision = 0): Promise<Buffer> {
    // A call waits for a connection within its time, so that an etcd that starts anew is not noticed.
    const metadata = new Metadata({ waitForReady: true });
    const deadline = Date.now() + this.timeoutMs;
    return new Promise((resolve, reject) => {
      const path = `/etcdserverpb.${method}`;
      this.client.makeUnaryRequest(path, asIs, asIs, request, metadata, { deadline }, (error, answer) => {
        if (error !== null) reject(this.errorOf(error, revision));
        else if (answer === undefined) reject(new StoreUnavailableError(`${this.url}: ${method}: no answer`));
        else resolve(answer);
      });
    });
  }

  watch(): WatchStream {
    return this.client.makeBidiStreamRequest('/etcdserverpb.Watch/Watch', asIs, asIs);
  }

  close(): void {
    this.client.close();
  }

  private errorOf(cause: ServiceError, revision: number): Error {
    const { code, details } = cause;
    if (code === status.OUT_OF_RANGE && details.includes('compacted')) return new CompactedError(revision, 0);
    if (code === status.OUT_OF_RANGE && details.includes('future')) return new FutureRevisionError(revision, 0);
    const message = `${this.url}: ${details}`;
    if (code === status.RESOURCE_EXHAUSTED && details.includes('space')) return new StoreFullError(message, { cause });
    if (code === status.INVALID_ARGUMENT) return new InvalidRequestError(message, { cause });
    return new StoreUnavailableError(message, { cause });
  }
}

function targetOf(url: string): string {
  const addresses = url.startsWith(SCHEME) ? url.slice(SCHEME.length).split(',') : [];
  const wrong = addresses.filter((address) => !/^[^\s/,:@]+:\d{1,5}$/.test(address));
  if (addresses.length === 0 || wrong.length > 0)
    throw new InvalidRequestError(
      `'${url}' is no etcd://host:port${wrong.length > 0 ? `: '${wrong.join("', '")}'` : ''}`,
    );
  if (addresses.length === 1) return addresses[0];
  const named = addresses.filter((address) => !/^(\d{1,3}\.){3}\d{1,3}:/.test(address));
  if (named.length > 0)
    throw new InvalidRequestError(`'${url}': of several addresses each is an IPv4 one: '${named.join("', '")}'`);
  return `ipv4:${addresses.join(',')}`;
}
