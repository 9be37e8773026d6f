/** A store's keys as etcd's: bytes below a prefix that other users of the same etcd do not have. */

export class EtcdKeys {
  private readonly under: string;

  constructor(under: string) {
    this.under = under;
  }

  bytes(key: string): Buffer {
    return Buffer.from(this.under + key);
  }

  /** The first key that does not begin with the prefix any longer. */
  end(prefix: string): Buffer {
    const bytes = this.bytes(prefix);
    // No byte of UTF-8 is 255, and neither is the last of a store's own prefix.
    bytes[bytes.length - 1]++;
    return bytes;
  }

  /** The least key behind this one. */
  following(key: string): Buffer {
    return Buffer.concat([this.bytes(key), Buffer.from([0])]);
  }

  text(bytes: Buffer): string {
    return bytes.toString('utf8').slice(this.under.length);
  }
}
