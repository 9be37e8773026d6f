/** A gRPC service without a schema, its servers and its clients: strings of bytes, answered with the server's name. */
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

const toBytes = (text: string): Buffer => Buffer.from(text);
const toText = (bytes: Buffer): string => bytes.toString();

type Method = MethodDefinition<string, string>;

function method(name: string, requestStream = false, responseStream = false): Method {
  return {
    path: `/keelson.Echo/${name}`,
    requestStream,
    responseStream,
    requestSerialize: toBytes,
    requestDeserialize: toText,
    responseSerialize: toBytes,
    responseDeserialize: toText,
  };
}

const SERVICE = {
  say: method('Say'),
  refuse: method('Refuse'),
  count: method('Count', false, true),
  chat: method('Chat', true, true),
};

export class EchoServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Calls of `say` that were answered. */
  answered = 0;
  readonly #server: Server;

  private constructor(server: Server, host: string, name: string) {
    this.#server = server;
    this.host = host;
    this.name = name;
    this.port = 0;
  }

  /** @param delayMs until `say` answers. */
  static async start(host: string, name: string, delayMs = 0): Promise<EchoServer> {
    const server = new Server();
    const echo = new EchoServer(server, host, name);
    server.addService(SERVICE, {
      say: (call: ServerUnaryCall<string, string>, answer: sendUnaryData<string>) => {
        const done = (): void => {
          echo.answered++;
          const trailers = new Metadata();
          trailers.set('x-name', name);
          answer(null, `${name}: ${call.request}`, trailers);
        };
        if (delayMs > 0) setTimeout(done, delayMs);
        else done();
      },
      refuse: (call: ServerUnaryCall<string, string>, answer: sendUnaryData<string>) => {
        answer({ code: status.PERMISSION_DENIED, details: `not for ${call.request}` });
      },
      count: (call: ServerWritableStream<string, string>) => {
        for (let i = 1; i <= Number(call.request); i++) call.write(`${name} ${i}`);
        call.end();
      },
      chat: (call: ServerDuplexStream<string, string>) => {
        call.on('data', (text: string) => call.write(`${name}: ${text}`));
        call.on('end', () => call.end());
        call.on('error', () => {}); // The client left.
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return Object.assign(echo, { port });
  }

  /** At once, with all that goes on. */
  kill(): void {
    this.#server.forceShutdown();
  }
}

export interface Reply {
  readonly text: string;
  readonly trailers: Metadata;
}

/** One channel, which keeps its connection. */
export class EchoClient {
  readonly #client: Client;

  /** @param retries sends again what was refused unseen, as gRPC clients do unless they are told not to. */
  constructor({ host, port }: { host: string; port: number }, retries = false) {
    this.#client = new Client(`${host}:${port}`, credentials.createInsecure(), {
      'grpc.enable_retries': retries ? 1 : 0,
      'grpc.use_local_subchannel_pool': 1, // Else channels to one address share a connection.
    });
  }

  /** @throws ServiceError. */
  say(text: string, { name = 'Say', deadlineMs = 30_000 } = {}): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    let reply = '';
    const options = { deadline: Date.now() + deadlineMs };
    const onReply = (error: ServiceError | null, value?: string): void => {
      if (error) reject(error);
      reply = value ?? '';
    };
    this.#client
      .makeUnaryRequest(`/keelson.Echo/${name}`, toBytes, toText, text, new Metadata(), options, onReply)
      .on('status', ({ metadata: trailers }) => resolve({ text: reply, trailers }));
    return promise;
  }

  count(to: number): ClientReadableStream<string> {
    return this.#client.makeServerStreamRequest('/keelson.Echo/Count', toBytes, toText, String(to));
  }

  chat(): ClientDuplexStream<string, string> {
    return this.#client.makeBidiStreamRequest('/keelson.Echo/Chat', toBytes, toText);
  }

  close(): void {
    this.#client.close();
  }
}
