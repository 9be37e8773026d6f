/** What a body says, before anything is known of its kind. */

export interface DecodedBody {
  value: unknown;
  /** Keys that stood twice, by path. */
  duplicates: readonly string[];
}
