/**
 * A command that cannot be started: the engine says so on the command's own output, where a user would take it for what
 * the command has written. Here it is held back, and becomes an error.
 */
import { once } from 'node:events';
import { Writable } from 'node:stream';

const WORDS = 'OCI runtime exec failed: ';
const CODES = [126, 127];

export class StartFailure {
  /** Takes the place of the command's stdout. */
  readonly stdout: Writable | undefined;
  #held = '';

  constructor(to: Writable | undefined) {
    let decided = false;
    const write = async (bytes: Buffer): Promise<void> => {
      if (!to || to.destroyed || to.write(bytes)) return;
      await Promise.race([once(to, 'drain'), once(to, 'close')]);
    };
    this.stdout =
      to &&
      new Writable({
        write: (bytes: Buffer, _encoding, done) => {
          const seen = this.#held + bytes.toString('latin1');
          const may = seen.startsWith(WORDS) || WORDS.startsWith(seen);
          if (!decided && may) {
            this.#held = seen;
            done();
            return;
          }
          decided = true;
          const held = Buffer.from(this.#held, 'latin1');
          this.#held = '';
          write(Buffer.concat([held, bytes])).then(() => done(), done);
        },
        final: (done) => {
          write(Buffer.from(this.#held, 'latin1')).then(() => done(), done);
        },
      });
  }

  /** The command has ended. @throws Error in the engine's words when it has never begun. */
  async end(code: number): Promise<void> {
    if (CODES.includes(code) && this.#held.startsWith(WORDS)) {
      throw new Error(Buffer.from(this.#held, 'latin1').toString().trim());
    }
    if (!this.stdout || this.stdout.destroyed) return;
    this.stdout.end();
    await once(this.stdout, 'finish');
  }
}
