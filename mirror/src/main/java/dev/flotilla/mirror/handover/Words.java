package dev.flotilla.mirror.handover;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.LineSeparator;
import io.netty.handler.codec.string.StringDecoder;
import java.nio.charset.StandardCharsets;

/**
 * What a new process says to the one before it, a line each. {@link #GREETING} is answered by a line with the words of all
 * {@linkplain Place places}; {@link #SEND} by one socket for each of them, in that order (SCM_RIGHTS, unix(7)), each with a
 * byte that means nothing; the others by nothing.
 */
final class Words {
    static final String GREETING = "flotilla listeners 1";
    static final String SEND = "send";

    /** The new process accepts connections: the old one is to leave them to it for as long as this conversation lasts. */
    static final String SERVING = "serving";

    /** The old process may end. */
    static final String END = "end";

    private static final int LONGEST = 2048;

    private Words() {}

    /** Has a pipeline pass lines as strings, both ways. */
    static void readLines(ChannelPipeline pipeline) {
        pipeline.addLast(
                new LineBasedFrameDecoder(LONGEST),
                new StringDecoder(StandardCharsets.UTF_8),
                new LineEncoder(LineSeparator.UNIX, StandardCharsets.UTF_8));
    }
}
