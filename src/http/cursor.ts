import { z } from 'zod';
import type { Page } from '../contract/resources.ts';

/*
 * A list goes on after a key, which any text might be: so that rubbish is refused instead of taken for one, the key of a list
 * leaves the server under the list's name. The item itself may be gone when it comes back, and the server another one.
 */

const SAYS = 'must be `next` of the page before';

/** The cursor of a list as a query parameter, opened. */
export const cursorOf = (list: string) =>
  z
    .string()
    .refine((sealed) => seal(list, open(sealed)) === sealed, SAYS)
    .transform(open)
    .optional()
    .describe('`next` of the page before');

/** The page as it is sent. */
export function sealNext<Item>(list: string, page: Page<Item>): Page<Item> {
  return page.next === undefined ? page : { ...page, next: seal(list, page.next) };
}

const seal = (list: string, key: string) => `${list}.${Buffer.from(key).toString('base64url')}`;
const open = (sealed: string) => Buffer.from(sealed.slice(sealed.indexOf('.') + 1), 'base64url').toString();
