/** A request to one endpoint, by whatever client it goes. */

export interface Call {
  /** The request's head is sent. */
  readonly connected: boolean;
  /** By a connection that has carried another request. */
  readonly reused: boolean;
  /** The endpoint has said something. */
  readonly heard: boolean;
  /** Nothing is heard of it any more. */
  destroy(): void;
}

export interface CallListener {
  /** Unless it was when the call began. */
  onConnect(): void;
  onBegin(): void;
  /** Before a response began. */
  onError(): void;
}
