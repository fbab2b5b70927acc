package dev.flotilla.controller.ssh;

/** What was seen of a machine's host key. */
public sealed interface HostKeySight {
    /** It shows the pinned key. */
    record Right(PublicHostKey key) implements HostKeySight {}

    /** It shows a key, and none is pinned. */
    record Unknown(PublicHostKey key) implements HostKeySight {}

    /** It shows another key than the pinned one. */
    record Changed(PublicHostKey pinned, PublicHostKey key) implements HostKeySight {}

    /** It shows none. */
    record Hidden(String why) implements HostKeySight {}
}
