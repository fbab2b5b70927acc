package dev.flotilla.controller.local.route53;

import java.io.StringWriter;
import java.util.function.Consumer;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes the body of an answer, in Route 53's namespace. Not thread-safe. */
final class XmlDocument {
    private final XMLStreamWriter writer;

    private XmlDocument(XMLStreamWriter writer) {
        this.writer = writer;
    }

    /** A document with one root, whose inside {@code content} writes. */
    static String of(String root, Consumer<XmlDocument> content) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            writer.writeStartDocument("1.0");
            writer.writeStartElement(root);
            writer.writeDefaultNamespace(XmlElement.NAMESPACE);
            content.accept(new XmlDocument(writer));
            writer.writeEndElement();
            writer.writeEndDocument();
            writer.close();
        } catch (XMLStreamException failure) {
            throw broken(failure);
        }
        return text.toString();
    }

    /** An element with others inside. */
    void element(String name, Consumer<XmlDocument> content) {
        try {
            writer.writeStartElement(name);
            content.accept(this);
            writer.writeEndElement();
        } catch (XMLStreamException failure) {
            throw broken(failure);
        }
    }

    /** An element with a value inside, in its text form. */
    void value(String name, Object value) {
        try {
            writer.writeStartElement(name);
            writer.writeCharacters(value.toString());
            writer.writeEndElement();
        } catch (XMLStreamException failure) {
            throw broken(failure);
        }
    }

    private static IllegalStateException broken(XMLStreamException failure) {
        return new IllegalStateException("an answer was not written: " + failure.getMessage(), failure);
    }
}
