package dev.flotilla.agent.cycle;

/** The key events of a cycle, in the order of a release that goes through. After each of them an agent may be killed. */
public enum Step {
    /** The release is signed by whom it should be; it is remembered that nothing older will do. */
    TRUSTED,
    /** The program's archive is downloaded and its digest is right. */
    DOWNLOADED,
    /** The program is unpacked. */
    UNPACKED,
    /** The release's folder is whole. */
    FOLDER_MADE,
    /** The staged mirror finds its staged configuration right, and that is remembered. */
    STAGED,
    /** It is remembered that the release is to be in use. */
    ACTIVATED,
    /** The current link points to the release. */
    SWITCHED,
    /** The mirror that serves was asked for what is known, so that the new one can be held to it. */
    KNOWN_ASKED,
    /** The new mirror is ready beside the one before, and serves no worse. */
    COMPARED,
    /** The mirror of the release runs and is ready. */
    READY,
    /** It is remembered since when the release serves, for it is watched before it is committed. */
    SOAKING,
    /** It has served for its time, and nothing that the node sees speaks against it. */
    PROVED,
    /** It is remembered that the release proved itself. */
    COMMITTED,
    /** It is remembered that the release failed. */
    REVERTED,
    /** The current link points to the committed release again. */
    SWITCHED_BACK,
    /** The mirror of the committed release runs again. */
    BROUGHT_BACK,
    /** It is remembered that this object in the bucket needs no second look. */
    SETTLED,
    /** The index of wheels of a platform is fetched and verified. It has no release: the version is that of what signs it. */
    WHEELS_FETCHED,
    /** It lies where the mirror looks for it. */
    WHEELS_PLACED,
    /** The index of a platform that is no longer signed is gone. */
    WHEELS_REMOVED;

    /** Is told of every event as soon as it is on disk. */
    @FunctionalInterface
    public interface Journal {
        void reached(Step step, long release);
    }
}
