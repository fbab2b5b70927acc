package dev.flotilla.controller.local.route53;

import static dev.flotilla.controller.local.route53.StandInClient.simple;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import software.amazon.awssdk.services.route53.model.RRType;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/** RFC 1034, 1035, 2308, 6891, 7766, 7871 and 8482, as far as an authoritative server meets them. */
@Timeout(60)
class NameServerTest {
    private Route53StandIn standIn;
    private StandInClient client;
    private String zone;

    @BeforeEach
    void start() throws IOException {
        standIn = Route53StandIn.start(Route53Options.onLoopback()
                .withChangeDelay(Duration.ZERO)
                .withRandom(new Random(1))
                .withClients(new ClientPlaces(List.of(
                        new ClientPlaces.Place(InetAddress.ofLiteral("127.0.0.0"), 8, List.of("eu-west-1")),
                        new ClientPlaces.Place(InetAddress.ofLiteral("10.1.0.0"), 16, List.of("sa-east-1"))))));
        client = new StandInClient(standIn.endpoint());
        zone = client.zone("flotilla.test");
        client.create(
                zone,
                simple("mirror.flotilla.test", RRType.A, "192.0.2.1"),
                simple("deep.down.flotilla.test", RRType.TXT, "\"text\""),
                simple("www.flotilla.test", RRType.CNAME, "mirror.flotilla.test"),
                simple("out.flotilla.test", RRType.CNAME, "mirror.example.com"));
    }

    @AfterEach
    void stop() {
        client.close();
        standIn.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerIsAuthoritativeAndHasTheTimeToLiveOfTheSet(boolean tcp) throws IOException {
        Message answer = ask("mirror.flotilla.test.", Type.A, tcp);

        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RA)).isFalse();
        assertThat(texts(answer, Section.ANSWER)).containsExactly("mirror.flotilla.test.\t1\tIN\tA\t192.0.2.1");
    }

    @Test
    void aQuestionIsEchoedInItsOwnCaseAndFoundInAny() throws IOException {
        Message answer = ask("MiRRor.FLOTILLA.test.", Type.A, false);
        assertThat(answer.getQuestion().getName().toString()).isEqualTo("MiRRor.FLOTILLA.test.");
        assertThat(texts(answer, Section.ANSWER)).containsExactly("MiRRor.FLOTILLA.test.\t1\tIN\tA\t192.0.2.1");
    }

    @Test
    void aNameThatIsNotThereIsDeniedWithTheZonesAuthority() throws IOException {
        Message answer = ask("nobody.flotilla.test.", Type.A, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
        assertAuthority(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mirror.flotilla.test.", "down.flotilla.test.", "flotilla.test."})
    void aNameWithoutTheTypeHasNoDataAndIsNotDenied(String name) throws IOException {
        Message answer = ask(name, Type.AAAA, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        assertAuthority(answer);
    }

    @Test
    void aTypeThatTheZoneCanNotHoldHasNoData() throws IOException {
        Message answer = ask("mirror.flotilla.test.", Type.HTTPS, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertAuthority(answer);
    }

    @Test
    void aNameThatTheZoneCanNotHoldIsDenied() throws IOException {
        Message answer = ask("strange\\032name.flotilla.test.", Type.A, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertAuthority(answer);
    }

    @Test
    void theApexHasAuthorityAndNameServers() throws IOException {
        assertThat(ask("flotilla.test.", Type.SOA, false).getSection(Section.ANSWER))
                .hasSize(1);
        assertThat(ask("flotilla.test.", Type.NS, false).getSection(Section.ANSWER))
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com.", "test.", ".", "notflotilla.test."})
    void aNameOutsideOfTheZonesIsRefused(String name) throws IOException {
        Message answer = ask(name, Type.A, false);
        assertThat(answer.getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(answer.getHeader().getFlag(Flags.AA)).isFalse();
    }

    @Test
    void aCanonicalNameIsFollowedWithinTheZoneAndNamedOutsideOfIt() throws IOException {
        assertThat(texts(ask("www.flotilla.test.", Type.A, false), Section.ANSWER))
                .containsExactly(
                        "www.flotilla.test.\t1\tIN\tCNAME\tmirror.flotilla.test.",
                        "mirror.flotilla.test.\t1\tIN\tA\t192.0.2.1");
        assertThat(texts(ask("out.flotilla.test.", Type.A, false), Section.ANSWER))
                .containsExactly("out.flotilla.test.\t1\tIN\tCNAME\tmirror.example.com.");
        assertThat(ask("www.flotilla.test.", Type.CNAME, false).getSection(Section.ANSWER))
                .hasSize(1);
    }

    @Test
    void canonicalNamesInALoopAreAnsweredOnce() throws IOException {
        client.create(
                zone,
                simple("a.flotilla.test", RRType.CNAME, "b.flotilla.test"),
                simple("b.flotilla.test", RRType.CNAME, "a.flotilla.test"));
        Message answer = ask("a.flotilla.test.", Type.A, true);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getSection(Section.ANSWER)).hasSize(2);
    }

    @Test
    void anyIsAnsweredWithTheLeast() throws IOException {
        Message answer = ask("mirror.flotilla.test.", Type.ANY, false);
        assertThat(answer.getSection(Section.ANSWER))
                .singleElement()
                .satisfies(record -> assertThat(record.getType()).isEqualTo(Type.HINFO));
        assertThat(ask("nobody.flotilla.test.", Type.ANY, false).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void whatDoesNotFitADatagramIsCutAndWholeOverTcp() throws IOException {
        String[] addresses =
                IntStream.range(1, 101).mapToObj(number -> "192.0.2." + number).toArray(String[]::new);
        client.create(zone, simple("many.flotilla.test", RRType.A, addresses));

        SimpleResolver plain = resolver();
        plain.setIgnoreTruncation(true);
        Message cut = plain.send(Message.newQuery(question("many.flotilla.test.", Type.A)));
        assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(cut.numBytes()).isLessThanOrEqualTo(512);
        assertThat(ask("many.flotilla.test.", Type.A, true).getSection(Section.ANSWER))
                .hasSize(100);
        assertThat(resolver()
                        .send(Message.newQuery(question("many.flotilla.test.", Type.A)))
                        .getSection(Section.ANSWER))
                .as("the resolver asks again over TCP")
                .hasSize(100);
    }

    @Test
    void anExtendedClientGetsLargerDatagramsWithinTheServersOwnLimit() throws IOException {
        String[] addresses =
                IntStream.range(1, 61).mapToObj(number -> "192.0.2." + number).toArray(String[]::new);
        client.create(zone, simple("some.flotilla.test", RRType.A, addresses));
        SimpleResolver extended = resolver();
        extended.setEDNS(0, 4096, 0, List.of());
        extended.setIgnoreTruncation(true);

        Message answer = extended.send(Message.newQuery(question("some.flotilla.test.", Type.A)));
        assertThat(answer.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(answer.getSection(Section.ANSWER)).hasSize(60);
        assertThat(answer.numBytes()).isBetween(900, 1232);
        assertThat(answer.getOPT().getPayloadSize()).isEqualTo(1232);
    }

    @Test
    void anUnknownVersionOfTheExtensionIsToldSo() throws IOException {
        Message query = Message.newQuery(question("mirror.flotilla.test.", Type.A));
        query.addRecord(new OPTRecord(1232, 0, 1), Section.ADDITIONAL);
        Message answer = exchange(query.toWire());
        assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
    }

    @Test
    void aLatencySetIsChosenByTheClientsNetworkOrElseByWhoAsks() throws IOException {
        client.create(
                zone,
                latency("us-east-1", "192.0.2.1"),
                latency("eu-west-1", "192.0.2.2"),
                latency("sa-east-1", "192.0.2.3"));
        assertThat(texts(ask("near.flotilla.test.", Type.A, false), Section.ANSWER))
                .as("by the address of the resolver")
                .containsExactly("near.flotilla.test.\t1\tIN\tA\t192.0.2.2");

        Message query = Message.newQuery(question("near.flotilla.test.", Type.A));
        query.addRecord(
                new OPTRecord(1232, 0, 0, 0, new ClientSubnetOption(24, InetAddress.ofLiteral("10.1.2.0"))),
                Section.ADDITIONAL);
        Message answer = exchange(query.toWire());
        assertThat(texts(answer, Section.ANSWER)).containsExactly("near.flotilla.test.\t1\tIN\tA\t192.0.2.3");
        ClientSubnetOption echoed =
                (ClientSubnetOption) answer.getOPT().getOptions(8).getFirst();
        assertThat(echoed.getAddress()).isEqualTo(InetAddress.ofLiteral("10.1.2.0"));
        assertThat(echoed.getSourcePrefixLength()).isEqualTo(24);
        assertThat(echoed.getScopePrefixLength())
                .as("for which clients it may be kept")
                .isEqualTo(16);
    }

    private static ResourceRecordSet latency(String region, String value) {
        return simple("near.flotilla.test", RRType.A, value).toBuilder()
                .setIdentifier(region)
                .region(region)
                .build();
    }

    @Test
    void whatIsNotAPlainQueryIsToldSo() throws IOException {
        Message update = Message.newQuery(question("mirror.flotilla.test.", Type.A));
        update.getHeader().setOpcode(Opcode.UPDATE);
        assertThat(exchange(update.toWire()).getRcode()).isEqualTo(Rcode.NOTIMP);

        Message two = Message.newQuery(question("mirror.flotilla.test.", Type.A));
        two.addRecord(question("www.flotilla.test.", Type.A), Section.QUESTION);
        assertThat(exchange(two.toWire()).getRcode()).isEqualTo(Rcode.FORMERR);
        assertThat(exchange(new Message(7).toWire()).getRcode()).isEqualTo(Rcode.FORMERR);

        Record chaos = Record.newRecord(Name.fromConstantString("version.bind."), Type.TXT, DClass.CH);
        assertThat(exchange(Message.newQuery(chaos).toWire()).getRcode()).isEqualTo(Rcode.REFUSED);
        Record transfer = question("flotilla.test.", Type.AXFR);
        assertThat(exchange(Message.newQuery(transfer).toWire()).getRcode()).isEqualTo(Rcode.REFUSED);
    }

    @Test
    void anAnswerIsNeverAnswered() throws IOException {
        Message response = Message.newQuery(question("mirror.flotilla.test.", Type.A));
        response.getHeader().setFlag(Flags.QR);
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            send(socket, response.toWire());
            byte[] query =
                    Message.newQuery(question("mirror.flotilla.test.", Type.A)).toWire();
            send(socket, query);
            assertThat(receive(socket).getHeader().getID())
                    .as("the first thing that comes back is the answer to the second packet")
                    .isEqualTo(new Message(query).getHeader().getID());
        }
    }

    @Test
    void nothingThatArrivesEndsIt() throws IOException {
        Random random = new Random(20_260_101);
        byte[] query =
                Message.newQuery(question("mirror.flotilla.test.", Type.A)).toWire();
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (int packet = 0; packet < 3_000; packet++) {
                send(socket, packet % 2 == 0 ? noise(random) : mutated(query, random));
            }
        }
        for (int connection = 0; connection < 50; connection++) {
            try (Socket socket = new Socket()) {
                socket.connect(standIn.dnsAddress());
                socket.getOutputStream().write(noise(random));
            } catch (IOException closedByTheServer) {
                assertThat(closedByTheServer).isNotNull();
            }
        }
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(() -> ask("mirror.flotilla.test.", Type.A, false)
                                .getSection(Section.ANSWER)
                                .size()
                        == 1);
        assertThat(ask("mirror.flotilla.test.", Type.A, true).getSection(Section.ANSWER))
                .hasSize(1);
    }

    @Test
    void severalQuestionsGoOverOneConnection() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(standIn.dnsAddress());
            socket.setSoTimeout(5_000);
            DataInputStream input = new DataInputStream(socket.getInputStream());
            for (int round = 0; round < 3; round++) {
                byte[] query = Message.newQuery(question("mirror.flotilla.test.", Type.A))
                        .toWire();
                socket.getOutputStream().write(new byte[] {(byte) (query.length >> 8), (byte) query.length});
                socket.getOutputStream().write(query);
                byte[] answer = input.readNBytes(input.readUnsignedShort());
                assertThat(new Message(answer).getSection(Section.ANSWER)).hasSize(1);
            }
        }
    }

    @Test
    void connectionsOverTheLimitAreClosedAndTheOthersServed() throws IOException {
        Socket[] sockets = new Socket[Route53Limits.DEFAULTS.tcpConnections() + 8];
        try {
            for (int index = 0; index < sockets.length; index++) {
                sockets[index] = new Socket();
                sockets[index].connect(standIn.dnsAddress());
            }
            sockets[sockets.length - 1].setSoTimeout(5_000);
            assertThat(endOf(sockets[sockets.length - 1])).isTrue();
            assertThat(ask("mirror.flotilla.test.", Type.A, false).getSection(Section.ANSWER))
                    .hasSize(1);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        await().ignoreExceptions()
                .until(() -> ask("mirror.flotilla.test.", Type.A, true)
                                .getSection(Section.ANSWER)
                                .size()
                        == 1);
    }

    @Test
    void ofTwoZonesTheLongerOneAnswers() throws IOException {
        String inner = client.zone("inner.flotilla.test");
        client.create(inner, simple("a.inner.flotilla.test", RRType.A, "192.0.2.7"));
        assertThat(texts(ask("a.inner.flotilla.test.", Type.A, false), Section.ANSWER))
                .hasSize(1);
        Message denied = ask("b.inner.flotilla.test.", Type.A, false);
        assertThat(denied.getSection(Section.AUTHORITY))
                .singleElement()
                .satisfies(record -> assertThat(record.getName().toString()).isEqualTo("inner.flotilla.test."));
    }

    @Test
    void aPortInUseIsOneClearMessage() {
        InetSocketAddress taken = standIn.dnsAddress();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () -> Route53StandIn.start(Route53Options.onLoopback().withDns(taken)))
                .withMessageContaining("port " + taken.getPort() + " on 127.0.0.1")
                .withMessageContaining("in use");
        InetSocketAddress api = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), standIn.endpoint().getPort());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(
                        () -> Route53StandIn.start(Route53Options.onLoopback().withApi(api)))
                .withMessageContaining("port " + api.getPort() + " on 127.0.0.1")
                .withMessageContaining("in use");
    }

    @Test
    void aPortWhoseDatagramsAreTakenIsRefusedToo() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort());
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() ->
                            Route53StandIn.start(Route53Options.onLoopback().withDns(address)))
                    .withMessageContaining("UDP port " + taken.getLocalPort());
        }
    }

    private static boolean endOf(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void assertAuthority(Message answer) {
        assertThat(answer.getSection(Section.AUTHORITY)).singleElement().satisfies(record -> {
            assertThat(record).isInstanceOf(SOARecord.class);
            assertThat(record.getName().toString()).isEqualTo("flotilla.test.");
            assertThat(record.getTTL())
                    .as("the shorter of 900 and 86400 seconds")
                    .isEqualTo(900);
        });
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(600)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] mutated(byte[] query, Random random) {
        byte[] bytes = Arrays.copyOf(query, query.length + random.nextInt(3) - 1);
        for (int change = 0; change < 3; change++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private Message exchange(byte[] query) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            send(socket, query);
            return receive(socket);
        }
    }

    private void send(DatagramSocket socket, byte[] bytes) throws IOException {
        socket.send(new DatagramPacket(bytes, bytes.length, standIn.dnsAddress()));
    }

    private static Message receive(DatagramSocket socket) throws IOException {
        socket.setSoTimeout(5_000);
        DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
        socket.receive(packet);
        return new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
    }

    private Message ask(String name, int type, boolean tcp) throws IOException {
        SimpleResolver resolver = resolver();
        resolver.setTCP(tcp);
        return resolver.send(Message.newQuery(question(name, type)));
    }

    private SimpleResolver resolver() {
        SimpleResolver resolver = new SimpleResolver(standIn.dnsAddress());
        resolver.setTimeout(Duration.ofSeconds(5));
        resolver.setEDNS(-1);
        return resolver;
    }

    private static Record question(String name, int type) {
        return Record.newRecord(Name.fromConstantString(name), type, DClass.IN);
    }

    private static List<String> texts(Message message, int section) {
        return message.getSection(section).stream()
                .map(Record::toString)
                .map(text -> text.replaceAll("\t+", "\t"))
                .toList();
    }
}
