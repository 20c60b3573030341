import { expect, test } from 'vitest';
import type { Member } from '../../src/load/member.ts';
import { Outstanding } from '../../src/load/outstanding.ts';
import { newMember, toEntrance } from '../../src/load/steps/connect.ts';
import { DeliveryBook } from '../../src/load/steps/delivery-book.ts';

const memberOf = (user: string): Member => newMember('crowd', toEntrance({ user }), 0, false);

function enter(book: DeliveryBook, member: Member, ...sequence: number[]): void {
  for (const seq of sequence) {
    book.enter({ event: 'e', payload: { broadcast: 'b', seq, dueAt: 0 }, at: 1 } as never, member);
  }
}

test('what did not come, came twice or came late is told apart, wherever it is', () => {
  const [ann, bob] = [memberOf('ann'), memberOf('bob')];
  const book = new DeliveryBook([ann, bob], 10, 'b');
  enter(book, ann, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  // 1, 2, 3 and 5 are late; 2 and 0 come again; 4, 8 and 9 never come.
  enter(book, bob, 0, 6, 3, 1, 2, 2, 5, 7, 0);
  expect(book.result()).toMatchObject({
    delivered: 17,
    missing: { count: 3, example: 'event 5 to bob' },
    twice: { count: 2, example: 'event 3 came 2 times to bob' },
    swapped: { count: 4, example: 'event 4 came after event 7 to bob' },
  });
});

test('what has ended is let go of, and what is under way is waited for', async () => {
  const open = new Outstanding();
  const ends: (() => void)[] = [];
  for (let n = 0; n < 3; n += 1) open.add(new Promise<void>((resolve) => void ends.push(resolve)));
  let isSettled = false;
  const settled = open.settle().then(() => {
    isSettled = true;
  });
  ends[0]?.();
  ends[1]?.();
  await expect.poll(() => open.size).toBe(1);
  expect(isSettled).toBe(false);
  ends[2]?.();
  await settled;
  expect(open.size).toBe(0);
});
