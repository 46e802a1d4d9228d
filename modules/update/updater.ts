import type { Device } from "embedded:provider/builtin";
import Timer from "timer";
import { isClockSet } from "../clock/clock";
import type { Arguments, CommandSet } from "../command/commands";
import { groupOf, topics } from "../description/topics";
import { type Log, messageOf } from "../log/log";
import { type IncomingMessage, type Messenger, STATE } from "../node/messenger";
import { announcementOf, LONGEST_ANNOUNCEMENT, MEMBERS } from "./announcement";
import { encodeBase64url } from "./base64url";
import { BlockSource } from "./block-source";
import { UpdateError } from "./error";
import { HTTPSource } from "./http-source";
import { Journal, type Trial } from "./journal";
import { type Place, placeOf } from "./place";
import { type Image, imageFor, type Release, SignedRelease } from "./release";
import { SHA256 } from "./sha256";
import { SlotWriter } from "./slot-writer";
import type { ImageSource, SourceOptions } from "./source";
import { type Trust, trustOf } from "./trust";
import { compareVersions, isVersion, sequenceOf } from "./version";

const NAMES = Object.freeze(["update"]);
const ARGUMENTS = Object.freeze([...MEMBERS, "abort", "retry"]);

/** Between two steps of a check (ms): what else there is to do comes in between. */
const STEP = 5;
/** What is in flash for certain is noted every so many bytes: a multiple of the flash's blocks. */
const NOTED = 16_384;
/** Bytes that are hashed in a step. */
const HASHED = 1024;
/** Progress is told every so many percent. */
const TOLD = 5;
/** A firmware on trial is confirmed once the connection has stood so long (ms) ... */
const HEALTHY = 60_000;
/** ... and gives itself up so long (ms) after its boot. */
const TRIAL = 300_000;
const LOOK = 5000;
/** A release that did not come to be confirmed may be made to boot so often: the power may have gone by chance. */
const ATTEMPTS = 2;

export interface UpdaterOptions {
	device: Device;
	/** node.ts's: what releases are for. */
	name: string;
	messenger: Messenger;
	base: string;
	log: Log;
	owner: UpdaterOwner;
}

export interface UpdaterOwner {
	/** Says goodbye and restarts. */
	restart(): void;
}

type Phase = "idle" | "verifying" | "downloading" | "checking" | "installing" | "trial";

/**
 * Updates over the air: takes a signed release, gets its image, checks it, writes it into the other slot, boots it on
 * trial, and confirms it once it is connected, knows the time and has been healthy for a minute. Whatever goes wrong is
 * told on `<base>/update`, and the former firmware runs on, or again.
 *
 * It is a set of commands, too: `update` with `release`, `abort` or `retry`, or nothing: then it only tells its state.
 */
export class Updater implements CommandSet {
	#device: Device;
	#name: string;
	#messenger: Messenger;
	#base: string;
	#log: Log;
	#owner: UpdaterOwner;
	#journal: Journal;
	#trust: Trust;
	#phase: Phase = "idle";
	#timer: Timer | undefined;
	#signed: SignedRelease | undefined;
	#text = "";
	/** Where its image is; undefined: the owner sends it by the broker. */
	#place: Place | undefined;
	#release: Release | undefined;
	#image: Image | undefined;
	#writer: SlotWriter | undefined;
	#source: ImageSource | undefined;
	#hash: SHA256 | undefined;
	/** A piece of the image, read back from flash. */
	#piece: Uint8Array | undefined;
	#hashed = 0;
	/** Since when the connection stands, and since when the trial runs: in steps of LOOK. */
	#healthy = 0;
	#tried = 0;
	#percent = 0;
	#result = "";
	#reason = "";
	#message = "";
	/** Of the latest release that was genuine. */
	#latest = "";
	#summary = "";

	/** @throws Error when `settings.releaseKeys` are wrong */
	constructor(options: UpdaterOptions) {
		const { device, messenger, base } = options;
		this.#device = device;
		this.#name = options.name;
		this.#messenger = messenger;
		this.#base = base;
		this.#log = options.log;
		this.#owner = options.owner;
		const journal = new Journal(device.keyValue);
		this.#journal = journal;
		this.#trust = trustOf(device.system.settings.releaseKeys ?? [], journal.running?.keys);
		const take = (message: IncomingMessage) => this.announced(message);
		messenger.on(topics.available(base), 1, take);
		messenger.on(topics.available(groupOf(base)), 1, take);
		try {
			this.resume();
		} catch (error) {
			this.#log.error(`update: ${messageOf(error)}`);
		}
	}

	get names(): readonly string[] {
		return NAMES;
	}

	argumentsOf(): readonly string[] {
		return ARGUMENTS;
	}

	longestOf(): number {
		return LONGEST_ANNOUNCEMENT;
	}

	/** @throws UpdateError */
	run(_name: string, { release, url, abort, retry }: Arguments): unknown {
		if (abort === true) this.abort();
		if (retry === true) this.#journal.forgive();
		if (release !== undefined) {
			if (typeof release !== "string") throw new Error("release is no text");
			this.begin(release, url);
		}
		return { phase: this.#phase, version: this.version, latest: this.#latest || undefined };
	}

	/** Tells the state: at each connection. */
	publish(): void {
		if (!this.#messenger.connected) return;
		const busy = this.#phase !== "idle";
		const state = {
			installed_version: this.version,
			latest_version: this.#latest || this.version,
			title: this.#name,
			release_summary: this.#summary || undefined,
			in_progress: busy,
			update_percentage: this.#phase === "downloading" ? this.#percent : null,
			phase: this.#phase,
			result: this.#result || undefined,
			reason: this.#reason || undefined,
			message: this.#message || undefined,
		};
		try {
			this.#messenger.publish(topics.update(this.#base), JSON.stringify(state), STATE);
		} catch (error) {
			this.#log.local("warn", `update: state not published: ${messageOf(error)}`);
		}
	}

	close(): void {
		Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#source?.close();
		this.#source = undefined;
		this.#writer?.close();
		this.#writer = undefined;
	}

	private get version(): string {
		return this.#device.system.firmware!.version;
	}

	/** What runs, as a release must exceed it. */
	private get sequence(): number {
		const { running } = this.#journal;
		if (running) return running.sequence;
		return isVersion(this.version) ? sequenceOf(this.version) : 0;
	}

	/** What a loss of power, or a restart, has left. */
	private resume(): void {
		const journal = this.#journal;
		const { firmware, resetReason } = this.#device.system;
		const { trial, job } = journal;
		if (firmware!.onTrial) {
			this.#phase = "trial";
			this.#latest = trial?.version ?? this.version;
			this.wait(LOOK, Updater.look);
			return;
		}
		if (trial) {
			if (trial.version === this.version) this.confirmed(trial);
			else if (resetReason === "power-on" && trial.attempt < ATTEMPTS && job) this.tryToBegin(job.text, job.url);
			else this.rolledBack(trial, journal.why || `reset: ${resetReason}`);
			return;
		}
		const { failed } = journal;
		if (failed) {
			this.#latest = failed.version;
			this.outcome("rolled-back", "failed-before", failed.message);
		}
		if (job) this.tryToBegin(job.text, job.url);
	}

	private announced(message: IncomingMessage): void {
		// One after the other: what is retained comes again, and who sends a newer one may end this one first.
		if (this.#phase !== "idle") return;
		try {
			const announcement = announcementOf(message);
			if (announcement) this.begin(announcement.release, announcement.url);
		} catch (error) {
			this.refuse(error);
		}
	}

	private tryToBegin(text: string, url: unknown): void {
		try {
			this.begin(text, url);
		} catch (error) {
			this.refuse(error);
		}
	}

	/** @throws UpdateError */
	private begin(text: string, url: unknown): void {
		if (this.#phase !== "idle")
			throw new UpdateError("aborted", `update: ${this.#phase} ${this.#latest}, end that first (abort)`);
		this.#text = text;
		this.#place = url === undefined ? undefined : placeOf(url, this.#device);
		this.#signed = new SignedRelease(text, this.#trust.keys, this.#trust.revoked);
		this.#phase = "verifying";
		this.wait(STEP, Updater.verify);
	}

	private static verify(updater: Updater): void {
		const release = updater.#signed!.step();
		if (!release) {
			updater.wait(STEP, Updater.verify);
			return;
		}
		updater.#signed = undefined;
		updater.#release = release;
		Updater.date(updater);
	}

	/** Whether a release has expired is not known before the time is. */
	private static date(updater: Updater): void {
		if (isClockSet()) updater.accept(updater.#release!);
		else updater.wait(LOOK, Updater.date);
	}

	/** @throws UpdateError */
	private accept(release: Release): void {
		const journal = this.#journal;
		const { flash, system } = this.#device;
		if (release.version === this.version && release.sequence <= this.sequence) {
			// A retained announcement of what runs here.
			this.#latest = release.version;
			journal.endJob();
			this.idle();
			return;
		}
		const { failed } = journal;
		if (failed && release.sequence <= failed.sequence && release.sequence > this.sequence) {
			// A retained announcement must not bring it back for ever: the owner may, by `retry`.
			this.#latest = failed.version;
			this.outcome("rolled-back", "failed-before", failed.message);
			journal.endJob();
			this.idle();
			return;
		}
		const image = imageFor(release, {
			name: this.#name,
			board: system.firmware!.target,
			sequence: this.sequence,
			minimum: journal.running?.minimum ?? "0.0.0",
			room: SlotWriter.room(flash),
			now: Math.floor(Date.now() / 1000),
		});
		this.#image = image;
		this.#latest = release.version;
		this.#summary = release.summary ?? "";
		this.outcome("", "", "");
		const { job } = journal;
		const offset = job?.text === this.#text ? Math.min(job.offset, image.size) : 0;
		journal.startJob(this.#text, this.#place?.url);
		if (offset === image.size) {
			this.#writer = new SlotWriter(flash, offset);
			this.checkImage();
			return;
		}
		this.#writer = new SlotWriter(flash, offset - (offset % NOTED));
		this.#log.info(`update: ${release.version}, ${image.size} bytes, from byte ${this.#writer.offset} on`);
		this.#percent = Math.floor((100 * offset) / image.size);
		this.#phase = "downloading";
		this.publish();
		this.#source = this.open({
			size: image.size,
			offset: this.#writer.offset,
			onBlock: (bytes) => this.guard(Updater.store, bytes),
			onWait: () => this.guard(Updater.waited, undefined),
			onTrouble: (why) => this.trouble(why),
			onRefuse: (error) => this.refuse(error),
		});
	}

	private open(options: SourceOptions): ImageSource {
		if (this.#place) return new HTTPSource(options, this.#place);
		const image = this.#image!.sha256;
		return new BlockSource({ ...options, messenger: this.#messenger, base: this.#base, image });
	}

	/** Told once: it may go on for long. */
	private trouble(why: string): void {
		if (this.#message === why) return;
		this.#log.warn(`update: ${why}`);
		this.#message = why;
		this.publish();
	}

	/** The owner is silent: meanwhile the release may expire. */
	private static waited(updater: Updater): void {
		const { expires, version } = updater.#release!;
		if (isClockSet() && Date.now() / 1000 >= expires)
			throw new UpdateError("expired", `release ${version} expired before its image was here`);
	}

	private static store(updater: Updater, bytes: Uint8Array): void {
		const writer = updater.#writer!;
		const { size } = updater.#image!;
		writer.write(bytes);
		updater.#message = "";
		const { offset } = writer;
		if (offset % NOTED === 0) updater.#journal.advance(offset);
		const percent = Math.floor((100 * offset) / size);
		if (percent >= updater.#percent + TOLD) {
			updater.#percent = percent;
			updater.publish();
		}
		if (offset < size) return;
		updater.#source!.close();
		updater.#source = undefined;
		updater.#journal.advance(size);
		updater.checkImage();
	}

	private checkImage(): void {
		this.#phase = "checking";
		this.#hash = new SHA256();
		this.#piece = new Uint8Array(HASHED);
		this.#hashed = 0;
		this.publish();
		this.wait(STEP, Updater.check);
	}

	/** Reads the image back from the flash: what boots is what was signed. */
	private static check(updater: Updater): void {
		const { size, sha256 } = updater.#image!;
		const left = size - updater.#hashed;
		const piece = left < HASHED ? updater.#piece!.subarray(0, left) : updater.#piece!;
		updater.#writer!.read(piece, updater.#hashed);
		updater.#hash!.update(piece);
		updater.#hashed += piece.length;
		if (updater.#hashed < size) {
			updater.wait(STEP, Updater.check);
			return;
		}
		const hash = encodeBase64url(updater.#hash!.digest());
		updater.#hash = updater.#piece = undefined;
		if (hash !== sha256) throw new UpdateError("hash", `the image has SHA-256 ${hash}, signed was ${sha256}`);
		updater.install();
	}

	/** @throws UpdateError */
	private install(): void {
		const journal = this.#journal;
		const release = this.#release!;
		const { running, trial } = journal;
		this.#writer!.close();
		this.#writer = undefined;
		const minimum =
			running && compareVersions(running.minimum, release.minimum) > 0 ? running.minimum : release.minimum;
		const attempt = trial?.sequence === release.sequence ? trial.attempt + 1 : 1;
		journal.startTrial({ ...release, minimum }, attempt);
		try {
			this.#device.system.firmware!.activate(this.#image!.size);
		} catch (error) {
			const message = `the image cannot be booted: ${messageOf(error)}`;
			// It would be fetched again with each connection.
			journal.fail({ version: release.version, sequence: release.sequence, message });
			throw new UpdateError("flash", message);
		}
		this.#phase = "installing";
		this.publish();
		this.#log.info(`update: ${release.version} boots on trial`);
		this.#owner.restart();
	}

	/** A firmware on trial looks at itself. */
	private static look(updater: Updater): void {
		updater.#tried += LOOK;
		updater.#healthy = updater.#messenger.connected && isClockSet() ? updater.#healthy + LOOK : 0;
		const { firmware } = updater.#device.system;
		if (updater.#healthy >= HEALTHY) {
			firmware!.confirm();
			const { trial } = updater.#journal;
			if (trial) updater.confirmed(trial);
			updater.idle();
		} else if (updater.#tried >= TRIAL) {
			const connected = updater.#messenger.connected;
			const why = connected
				? isClockSet()
					? "the connection does not last"
					: "no time"
				: "no connection to the broker";
			updater.#log.error(`update: ${why} within ${TRIAL / 1000} s, the former firmware runs again`);
			updater.#journal.why = `${why} within ${TRIAL / 1000} s`;
			firmware!.rollback();
		} else updater.wait(LOOK, Updater.look);
	}

	private confirmed(trial: Trial): void {
		this.#journal.confirm(trial);
		this.#trust = trustOf(this.#device.system.settings.releaseKeys ?? [], this.#journal.running?.keys);
		this.#latest = trial.version;
		this.outcome("confirmed", "", `${trial.version} runs`);
		this.#log.info(`update: ${trial.version} is confirmed`);
	}

	private rolledBack({ version, sequence }: Trial, why: string): void {
		const message = `${version} was given up: ${why}`;
		this.#journal.fail({ version, sequence, message });
		this.#latest = version;
		this.outcome("rolled-back", "failed-before", message);
		this.#log.error(`update: ${message}`);
	}

	private abort(): void {
		if (this.#phase === "idle" || this.#phase === "trial" || this.#phase === "installing")
			throw new Error(`nothing to abort: ${this.#phase}`);
		this.refuse(new UpdateError("aborted", `${this.#latest || "the release"} was aborted by its owner`));
	}

	/** Ends what goes on, and says why. */
	private refuse(error: unknown): void {
		const code = error instanceof UpdateError ? error.code : "flash";
		const message = messageOf(error);
		this.#log.error(`update refused: ${message}`);
		try {
			if (this.#text !== "" && this.#journal.job?.text === this.#text) this.#journal.endJob();
		} catch (failure) {
			this.#log.local("error", `update: ${messageOf(failure)}`);
		}
		this.outcome("refused", code, message);
		this.idle();
	}

	private outcome(result: string, reason: string, message: string): void {
		this.#result = result;
		this.#reason = reason;
		this.#message = message;
	}

	private idle(): void {
		this.close();
		this.#phase = "idle";
		this.#text = "";
		this.#signed = undefined;
		this.#release = undefined;
		this.#image = undefined;
		this.#hash = this.#piece = undefined;
		this.publish();
	}

	private wait(milliseconds: number, next: (updater: Updater) => void): void {
		this.#timer = Timer.set(() => {
			this.#timer = undefined;
			this.guard(next, undefined as never);
		}, milliseconds);
	}

	/** Whatever a step throws ends the update, not the node. */
	private guard<T>(step: (updater: Updater, value: T) => void, value: T): void {
		try {
			step(this, value);
		} catch (error) {
			this.refuse(error);
		}
	}
}
