package dev.flotilla.controller.ssh;

import com.jcraft.jsch.HostKey;
import com.jcraft.jsch.HostKeyRepository;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.UserInfo;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets one machine show its host key, and lets nothing pass but the pinned one. The library's own repositories know a host
 * by address and learn by themselves; here a machine is known by its name, and only {@link HostKeyBook#pin} teaches.
 */
final class HostKeyGate implements HostKeyRepository {
    private final String machine;
    private final HostKeyBook book;
    private volatile @Nullable PublicHostKey shown;

    HostKeyGate(String machine, HostKeyBook book) {
        this.machine = machine;
        this.book = book;
    }

    /** The key that the machine showed last. */
    Optional<PublicHostKey> shown() {
        return Optional.ofNullable(shown);
    }

    @Override
    public int check(String host, byte[] key) {
        shown = PublicHostKey.of(key);
        return book.pinned(machine)
                .map(pinned -> Arrays.equals(pinned.blob(), key) ? OK : CHANGED)
                .orElse(NOT_INCLUDED);
    }

    /** What is pinned is asked for first, so that a machine with several keys shows that one. */
    @Override
    public HostKey[] getHostKey(@Nullable String host, @Nullable String type) {
        return book.pinned(machine)
                .filter(pinned -> type == null || pinned.type().equals(type))
                .map(pinned -> new HostKey[] {written(host, pinned)})
                .orElseGet(() -> new HostKey[0]);
    }

    private HostKey written(@Nullable String host, PublicHostKey pinned) {
        try {
            return new HostKey(host == null ? machine : host, pinned.blob());
        } catch (JSchException impossible) {
            throw new IllegalStateException("the key has its type in it", impossible);
        }
    }

    @Override
    public HostKey[] getHostKey() {
        return getHostKey(null, null);
    }

    @Override
    public String getKnownHostsRepositoryID() {
        return book.file().toString();
    }

    @Override
    public void add(HostKey key, @Nullable UserInfo user) {
        throw new UnsupportedOperationException("host keys are pinned by people");
    }

    @Override
    public void remove(String host, String type) {
        throw new UnsupportedOperationException("host keys are pinned by people");
    }

    @Override
    public void remove(String host, String type, byte[] key) {
        throw new UnsupportedOperationException("host keys are pinned by people");
    }
}
