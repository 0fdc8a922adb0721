// What web applications do with tsdav, told no more than the host. The environment says where and as whom.
import assert from 'node:assert/strict';
import { createDAVClient, getBasicAuthHeaders } from 'tsdav';

const { PILEUS_URL: serverUrl, PILEUS_USER: username, PILEUS_PASSWORD: password } = process.env;

const object = (kind, uid, lines) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Pileus//test//EN', `BEGIN:${kind}`, `UID:${uid}`, 'DTSTAMP:20260101T000000Z',
    ...lines, `END:${kind}`, 'END:VCALENDAR', ''].join('\r\n');
const card = (uid, name, email) =>
  ['BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, `FN:${name}`, `N:;${name};;;`, `EMAIL;TYPE=HOME:${email}`,
    'END:VCARD', ''].join('\r\n');
const login = (accountType) => createDAVClient({
  serverUrl, credentials: { username, password }, authMethod: 'Basic', defaultAccountType: accountType });
const done = async (response, ...statuses) => assert.ok(statuses.includes(response.status),
  `${response.url}: ${response.status} ${await response.text()}`);
const uids = (objects) => objects.map((one) => /UID:(.*)/.exec(one.data)[1].trim()).sort();
const day = (date) => ({ start: `${date}T00:00:00Z`, end: `${date}T23:59:59Z` });

async function calendars() {
  const client = await login('caldav');
  const home = (await client.createAccount({ account: { serverUrl, accountType: 'caldav' } })).homeUrl;
  assert.equal(new URL(home).pathname, `/dav/calendars/${username}/`);
  await client.makeCalendar({ url: `${home}${encodeURIComponent('größe 会議')}/`,
    props: { 'd:displayname': 'Größe & 会議', 'ca:calendar-color': '#FF8800FF', 'c:calendar-description': 'für alle' } });
  const found = await client.fetchCalendars();
  const [work, mine] = ['Größe & 会議', 'Calendar'].map((name) => found.find((one) => one.displayName === name));
  assert.ok(work && mine, `the calendars are ${found.map((one) => one.displayName)}`);
  assert.equal(work.calendarColor, '#FF8800FF');
  assert.ok(work.components.includes('VEVENT') && work.reports.includes('syncCollection'), JSON.stringify(work));
  const addresses = await client.fetchCalendarUserAddresses({ account: { ...work, serverUrl, accountType: 'caldav',
    rootUrl: serverUrl, homeUrl: home, principalUrl: `${serverUrl}/dav/principals/${username}/` } });
  assert.ok(addresses.includes(`mailto:${username}@pileus.test`), `the addresses are ${addresses}`);

  const create = async (calendar, filename, iCalString) =>
    done(await client.createCalendarObject({ calendar, filename, iCalString }), 201);
  await create(work, 'daily 1.ics', object('VEVENT', 'daily', ['DTSTART;TZID=Europe/Berlin:20260105T090000',
    'DTEND;TZID=Europe/Berlin:20260105T093000', 'RRULE:FREQ=DAILY;COUNT=10', 'SUMMARY:Stand-up']));
  const one = object('VEVENT', 'one', ['DTSTART:20260120T140000Z', 'DTEND:20260120T160000Z', 'SUMMARY:Prüfung 会議']);
  await create(work, 'größe.ics', one);
  await create(mine, 'far.ics', object('VEVENT', 'far', ['DTSTART:20260301T140000Z', 'SUMMARY:Elsewhere']));
  await done(await client.createCalendarObject({ calendar: work, filename: 'größe.ics', iCalString: one }), 412);

  // Searches: everything, by time, expanded, one of them.
  assert.deepEqual(uids(await client.fetchCalendarObjects({ calendar: work })), ['daily', 'one']);
  assert.deepEqual(uids(await client.fetchCalendarObjects({ calendar: work, timeRange: day('2026-01-14') })), ['daily']);
  assert.deepEqual(uids(await client.fetchCalendarObjects({ calendar: work, timeRange: day('2026-01-15') })), []);
  const [expanded] = await client.fetchCalendarObjects({ calendar: work, expand: true,
    timeRange: { start: '2026-01-06T00:00:00Z', end: '2026-01-09T00:00:00Z' } });
  assert.equal(expanded.data.split('BEGIN:VEVENT').length - 1, 3, expanded.data);

  // One occurrence is moved; a second client's changes are seen by the sync.
  const before = await client.fetchCalendarObjects({ calendar: work });
  const second = await login('caldav');
  const daily = before.find((one) => one.data.includes('UID:daily'));
  daily.data = daily.data.replace('END:VCALENDAR', ['BEGIN:VEVENT', 'UID:daily', 'DTSTAMP:20260101T000000Z',
    'RECURRENCE-ID;TZID=Europe/Berlin:20260107T090000', 'DTSTART;TZID=Europe/Berlin:20260220T090000', 'SUMMARY:Stand-up, later',
    'END:VEVENT', 'END:VCALENDAR'].join('\r\n'));
  await done(await client.updateCalendarObject({ calendarObject: daily }), 204);
  assert.deepEqual(uids(await client.fetchCalendarObjects({ calendar: work, timeRange: day('2026-02-20') })), ['daily']);
  assert.deepEqual(uids(await client.fetchCalendarObjects({ calendar: work, timeRange: day('2026-01-07') })), []);
  await done(await second.updateCalendarObject({ calendarObject: daily }), 412);
  await done(await second.deleteCalendarObject({ calendarObject: before.find((one) => one.data.includes('UID:one')) }), 204);
  await done(await second.createCalendarObject({ calendar: work, filename: 'theirs.ics',
    iCalString: object('VEVENT', 'theirs', ['DTSTART:20260401T140000Z', 'SUMMARY:Theirs']) }), 201);
  assert.ok((await client.isCollectionDirty({ collection: work })).isDirty, 'the ctag is as it was');
  const { created, updated, deleted } = (await client.smartCollectionSync({ collection: { ...work, objects: before,
    objectMultiGet: client.calendarMultiGet }, method: 'webdav', detailedResult: true })).objects;
  assert.deepEqual([uids(created), uids(updated), deleted.length], [['theirs'], ['daily'], 1]);

  // Moved to the other calendar, by MOVE.
  const [moved] = created;
  const there = `${mine.url}theirs.ics`;
  await done(await fetch(moved.url, { method: 'MOVE',
    headers: { ...getBasicAuthHeaders({ username, password }), destination: there } }), 201);
  assert.deepEqual(uids(await client.fetchCalendarObjects({ calendar: mine })), ['far', 'theirs']);
  await client.freeBusyQuery({ url: mine.url, timeRange: day('2026-03-01'), depth: '0' });

  // A task, completed.
  const tasks = found.find((one) => one.displayName === 'Tasks');
  await create(tasks, 'passport.ics', object('VTODO', 'passport', ['SUMMARY:Renew the passport', 'STATUS:NEEDS-ACTION']));
  const pending = { 'comp-filter': { _attributes: { name: 'VCALENDAR' }, 'comp-filter': { _attributes: { name: 'VTODO' },
    'prop-filter': { _attributes: { name: 'COMPLETED' }, 'is-not-defined': {} } } } };
  const [task] = await client.fetchCalendarObjects({ calendar: tasks, filters: pending });
  task.data = task.data.replace('STATUS:NEEDS-ACTION', 'STATUS:COMPLETED\r\nCOMPLETED:20260110T100000Z');
  await done(await client.updateCalendarObject({ calendarObject: task }), 204);
  assert.deepEqual(await client.fetchCalendarObjects({ calendar: tasks, filters: pending }), []);
  const known = await client.syncCalendars({ oldCalendars: found.filter((one) => one !== mine), detailedResult: true });
  assert.deepEqual(known.created.map((one) => one.displayName), ['Calendar']);
}

async function contacts() {
  const client = await login('carddav');
  const [book] = await client.fetchAddressBooks();
  assert.equal(new URL(book.url).pathname, `/dav/addressbooks/${username}/contacts/`);
  for (const [uid, name] of [['zoë', 'Zoë Müller'], ['ada', 'Ada Lovelace']]) {
    const vCardString = card(uid, name, `${uid}@pileus.test`);
    await done(await client.createVCard({ addressBook: book, filename: `${uid}.vcf`, vCardString }), 201);
  }
  let cards = await client.fetchVCards({ addressBook: book });
  assert.deepEqual(uids(cards), ['ada', 'zoë']);
  const zoe = cards.find((one) => one.data.includes('UID:zoë'));
  zoe.data = zoe.data.replace('FN:Zoë Müller', 'FN:Zoë Meyer');
  await done(await client.updateVCard({ vCard: zoe }), 204);
  const named = await client.addressBookQuery({ url: book.url, depth: '1', props: { 'd:getetag': {}, 'card:address-data': {} },
    filters: { 'prop-filter': { _attributes: { name: 'FN' },
      'text-match': { _attributes: { 'match-type': 'contains' }, _text: 'meyer' } } } });
  assert.equal(named.length, 1, JSON.stringify(named));
  await done(await client.deleteVCard({ vCard: cards.find((one) => one.data.includes('UID:ada')) }), 204);
  cards = await client.fetchVCards({ addressBook: book });
  assert.deepEqual(uids(cards), ['zoë']);
}

await calendars();
await contacts();
console.log('tsdav: found, changed, moved, completed, deleted; changes of others seen');
