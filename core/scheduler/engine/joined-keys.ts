/** Keys of classes under plugins from outside. The text of a template is long: joined anew, each key would be hashed anew. */
import type { PodTemplate } from '../../cluster/pod-template.ts';

/** So many keys of one template are kept; when there are more, all go, and come again as they are needed. */
const MAX_KEYS = 1024;

export class JoinedKeys {
  readonly #byTemplate = new WeakMap<PodTemplate, Map<string, string>>();
  #lastTemplate: PodTemplate | undefined;
  #last = new Map<string, string>();

  /** The template's text and, on lines behind it, what plugins read besides. */
  of(template: PodTemplate, own: string): string {
    const keys = template === this.#lastTemplate ? this.#last : this.#keysOf(template);
    const known = keys.get(own);
    if (known !== undefined) return known;
    if (keys.size >= MAX_KEYS) keys.clear();
    const key = `${template.text}\n${own}`;
    keys.set(own, key);
    return key;
  }

  #keysOf(template: PodTemplate): Map<string, string> {
    let keys = this.#byTemplate.get(template);
    if (!keys) this.#byTemplate.set(template, (keys = new Map()));
    this.#lastTemplate = template;
    this.#last = keys;
    return keys;
  }
}
