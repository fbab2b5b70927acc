package dev.flotilla.controller.ssh;

import com.jcraft.jsch.Channel;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import org.jspecify.annotations.Nullable;

/** A new channel of a session; the library gives none, and says nothing, where the session ends in that moment. */
final class OpenedChannel {
    private OpenedChannel() {}

    static <C extends Channel> C of(Session session, String kind, Class<C> type) throws JSchException {
        @Nullable Channel channel = session.openChannel(kind);
        if (channel == null) {
            throw new JSchException("the session ended while a channel was made");
        }
        return type.cast(channel);
    }
}
